// vitrine-ingest: takes batches from the broker, makes them durable, acks them, and loads them into
// the store.
#include <algorithm>
#include <thread>

#include "backflow/backend_config.hpp"
#include "backflow/beacons.hpp"
#include "backflow/ingest.hpp"
#include "backflow/store_loader.hpp"
#include "http/metrics_server.hpp"
#include "link/server_link.hpp"
#include "platform/command_line.hpp"
#include "platform/log.hpp"
#include "platform/service.hpp"
#include "protocol/topics.hpp"

namespace vitrine {
namespace {

constexpr Micros kIdleWait = kSecond;
// One fsync for what comes together: so long after the first message, or so many.
constexpr Micros kGather = 20 * kMillisecond;
constexpr std::size_t kMostACommit = 4000;
constexpr Micros kShowEvery = kSecond / 2;

class IngestDaemon {
 public:
  IngestDaemon(const BackendConfig& config, const PrivateKey& key, Ingest ingest, Store store,
               std::unique_ptr<MetricsServer> metrics)
      : config_(config),
        metrics_(std::move(metrics)),
        ingest_(std::move(ingest)),
        loader_(std::move(store), ingest_.spool_end()),
        beacons_({config.registry, config.ingest.key_id, key}, clock_),
        link_(make_link(config)) {}

  Status run(const StopSignal& stop) {
    notify_ready();
    while (!stop.raised()) {
      link_.step(kIdleWait, stop.fd());
      if (ingest_.pending() > 0) gather();
      if (auto acked = commit(); !acked) return acked;
      show_metrics();
      notify_watchdog();
    }
    notify_stopping();
    link_.close();
    return ok();
  }

 private:
  ServerLink make_link(const BackendConfig& config) {
    std::vector<std::string> filters{"vt/v1/+/+/up/#", all_connections_filter()};
    if (!config.ingest.owns_all()) {
      filters.clear();
      for (auto shard = config.ingest.first_shard; shard <= config.ingest.last_shard; ++shard) {
        filters.push_back(shard_up_filter(shard));
        filters.push_back(shard_connections_filter(shard));
      }
    }
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

  // As often as anything happens, and once a second at least.
  void show_metrics() {
    if (!metrics_ || clock_.boottime() - shown_at_ < kShowEvery) return;
    shown_at_ = clock_.boottime();
    std::error_code error;
    const fs::space_info space = fs::space(config_.ingest.spool, error);
    const SpoolPosition end = ingest_.spool_end();
    metrics_->show(
        metrics_page(ingest_.counts(), {link_.connected(), ingest_.known_batches(), end.segment,
                                        end.offset, error ? 0 : space.available}));
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

  const BackendConfig config_;
  SystemClock clock_;
  std::unique_ptr<MetricsServer> metrics_;
  Micros shown_at_ = 0;
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
  options.most_of_a_screen = config->ingest.most_of_a_screen;
  options.most_ahead_us = config->ingest.most_ahead_s * kSecond;
  std::unique_ptr<MetricsServer> metrics;
  if (!config->ingest.metrics.empty()) {
    auto started = MetricsServer::start(config->ingest.metrics, "ingest.metrics");
    if (!started) return std::move(started).error();
    metrics = *std::move(started);
  }
  auto ingest = Ingest::open(std::move(options));
  if (!ingest) return std::move(ingest).error();
  auto store = Store::open(config->ingest.store, config->ingest.spool / "all");
  if (!store) return std::move(store).error();
  log_info("{} batches known, spool {}, store {}", ingest->known_batches(),
           config->ingest.spool.string(), sql_store_name(config->ingest.store));
  IngestDaemon daemon(*config, *key, *std::move(ingest), *std::move(store), std::move(metrics));
  return daemon.run(stop);
}

}  // namespace
}  // namespace vitrine

int main(int count, char** words) {
  vitrine::cli::App app("Takes what screens report, keeps it and says so.");
  std::string config;
  app.add_option("--config", config, "backend.toml")->required();
  app.set_version_flag("--version", VITRINE_VERSION);
  if (const auto code = app.parse(count, words)) return *code;
  vitrine::log_start("vitrine-ingest");
  auto done = vitrine::run(config);
  if (done) return 0;
  vitrine::log_error("{}; stopping", done.error().message);
  return 1;
}
