// vitrine-ingest: takes batches from the broker, makes them durable, acks them, and loads them into
// the store.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <thread>

#include "backflow/backend_config.hpp"
#include "backflow/beacons.hpp"
#include "backflow/ingest.hpp"
#include "backflow/store_loader.hpp"
#include "link/server_link.hpp"
#include "platform/log.hpp"
#include "platform/service.hpp"
#include "protocol/topics.hpp"

namespace vitrine {
namespace {

constexpr Micros kIdleWait = kSecond;
// One fsync for what comes together: so long after the first message, or so many.
constexpr Micros kGather = 20 * kMillisecond;
constexpr std::size_t kMostACommit = 4000;

class IngestDaemon {
 public:
  IngestDaemon(const BackendConfig& config, const PrivateKey& key, Ingest ingest, Store store)
      : ingest_(std::move(ingest)),
        loader_(std::move(store), ingest_.spool_end()),
        beacons_({config.registry, config.ingest.key_id, key}, clock_),
        link_(make_link(config)) {}

  Status run(const StopSignal& stop) {
    notify_ready();
    while (!stop.raised()) {
      link_.step(kIdleWait, stop.fd());
      if (ingest_.pending() > 0) gather();
      if (auto acked = commit(); !acked) return acked;
      notify_watchdog();
    }
    notify_stopping();
    link_.close();
    return ok();
  }

 private:
  ServerLink make_link(const BackendConfig& config) {
    // One process owns all shards.
    std::vector<std::string> filters{"vt/v1/+/+/up/#", all_connections_filter()};
    return ServerLink(make_mosquitto_transport(config.mqtt), clock_, std::move(filters),
                      {{}, [this](const MqttMessage& message) {
                         if (const auto beacon = beacons_.answer(message)) {
                           // Lost, it is not missed for long: the screen announces itself again.
                           (void)link_.publish(beacon->topic, beacon->payload, false);
                           return;
                         }
                         ingest_.take(message.topic, message.payload, clock_.realtime());
                       }});
  }

  void gather() {
    const Micros end = clock_.boottime() + kGather;
    while (ingest_.pending() < kMostACommit) {
      const Micros left = end - clock_.boottime();
      if (left <= 0) return;
      link_.step(left, -1);
    }
  }

  Status commit() {
    if (ingest_.pending() == 0) return ok();
    auto acks = ingest_.commit();
    if (!acks) return std::move(acks).error().context("cannot make batches durable");
    loader_.durable_until(ingest_.spool_end());
    for (const OutgoingAck& ack : *acks) {
      // A lost ack costs a resend, which is answered from the index.
      if (auto sent = link_.publish(ack.topic, ack.payload, false); !sent) {
        log_warn("ack on {} was not sent: {}; it will be when the screen asks again", ack.topic,
                 sent.error().message);
      }
    }
    return ok();
  }

  SystemClock clock_;
  Ingest ingest_;
  StoreLoader loader_;
  Beacons beacons_;
  ServerLink link_;
};

Status run(const fs::path& config_file) {
  const StopSignal stop;
  auto config = read_backend_config(config_file, "ingest");
  if (!config) return std::move(config).error();
  auto key = read_private_key(config->ingest.sign_key);
  if (!key) return std::move(key).error();
  IngestOptions options{config->ingest.spool, config->registry, config->ingest.key_id, *key};
  options.threads = std::max(1u, std::thread::hardware_concurrency());
  auto ingest = Ingest::open(std::move(options));
  if (!ingest) return std::move(ingest).error();
  auto store = Store::open(config->ingest.store, config->ingest.spool / "all");
  if (!store) return std::move(store).error();
  log_info("{} batches known, spool {}, store {}", ingest->known_batches(),
           config->ingest.spool.string(), sql_store_name(config->ingest.store));
  IngestDaemon daemon(*config, *key, *std::move(ingest), *std::move(store));
  return daemon.run(stop);
}

}  // namespace
}  // namespace vitrine

int main(int count, char** words) {
  CLI::App app("Takes what screens report, keeps it and says so.");
  std::string config;
  app.add_option("--config", config, "backend.toml")->required();
  app.set_version_flag("--version", VITRINE_VERSION);
  CLI11_PARSE(app, count, words);
  vitrine::log_start("vitrine-ingest");
  auto done = vitrine::run(config);
  if (done) return 0;
  vitrine::log_error("{}; stopping", done.error().message);
  return 1;
}
