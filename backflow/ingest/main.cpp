// vitrine-ingest: takes batches from the broker, makes them durable, acks them, and loads them into
// the store.
#include <CLI/CLI.hpp>

#include "backflow/backend_config.hpp"
#include "backflow/beacons.hpp"
#include "backflow/ingest.hpp"
#include "backflow/store.hpp"
#include "link/server_link.hpp"
#include "platform/log.hpp"
#include "platform/service.hpp"
#include "protocol/topics.hpp"

namespace vitrine {
namespace {

constexpr Micros kIdleWait = kSecond;
// One fsync for what came together: without a pause between messages, up to this many turns.
constexpr int kMostTurnsACommit = 64;
constexpr std::size_t kRecordsALoad = 200;

class IngestDaemon {
 public:
  IngestDaemon(const BackendConfig& config, const PrivateKey& key, Ingest ingest, Store store)
      : ingest_(std::move(ingest)),
        store_(std::move(store)),
        beacons_({config.registry, config.ingest.key_id, key}, clock_),
        link_(make_link(config)) {}

  Status run(const StopSignal& stop) {
    notify_ready();
    while (!stop.raised()) {
      // While the store lags behind there is work to do instead of waiting.
      link_.step(behind_ ? 0 : kIdleWait, stop.fd());
      for (int turn = 0; taken_ && turn < kMostTurnsACommit; ++turn) {
        taken_ = false;
        link_.step(0, -1);
      }
      taken_ = false;
      if (auto acked = commit(); !acked) return acked;
      load_store();
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
                         taken_ = true;
                         ingest_.take(message.topic, message.payload, clock_.realtime());
                       }});
  }

  // A store that cannot be written is no reason to stop taking: the spool holds everything, and the
  // store goes on from its position when it can.
  void load_store() {
    auto loaded = store_.load(kRecordsALoad);
    const std::string problem = loaded ? "" : loaded.error().message;
    if (!problem.empty() && problem != store_problem_) {
      log_error("cannot load the store: {}; batches are taken on, the store stays behind", problem);
    }
    store_problem_ = problem;
    behind_ = loaded && *loaded == kRecordsALoad;
  }

  Status commit() {
    if (!ingest_.pending()) return ok();
    auto acks = ingest_.commit();
    if (!acks) return std::move(acks).error().context("cannot make batches durable");
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
  Store store_;
  Beacons beacons_;
  bool taken_ = false;
  bool behind_ = true;
  std::string store_problem_;
  ServerLink link_;
};

Status run(const fs::path& config_file) {
  const StopSignal stop;
  auto config = read_backend_config(config_file, "ingest");
  if (!config) return std::move(config).error();
  auto key = read_private_key(config->ingest.sign_key);
  if (!key) return std::move(key).error();
  auto ingest = Ingest::open({config->ingest.spool, config->registry, config->ingest.key_id, *key});
  if (!ingest) return std::move(ingest).error();
  auto store = Store::open(config->ingest.store, config->ingest.spool / "all");
  if (!store) return std::move(store).error();
  log_info("{} batches known, spool {}, store {}", ingest->known_batches(),
           config->ingest.spool.string(), config->ingest.store.string());
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
