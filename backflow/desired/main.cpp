// vitrine-desired: takes what operators push, and keeps the broker's retained documents equal to
// the archive.
#include <algorithm>
#include <deque>
#include <set>

#include "backflow/desired.hpp"
#include "backflow/registry_file.hpp"
#include "link/server_link.hpp"
#include "platform/command_line.hpp"
#include "platform/log.hpp"
#include "platform/service.hpp"
#include "protocol/topics.hpp"

namespace vitrine {
namespace {

constexpr Micros kIdleWait = kSecond;
constexpr Micros kAdvanceEvery = kSecond;
// A push may overtake its body; what is missing longer is the operator's to mend.
constexpr Micros kBringEvery = 5 * kSecond;

class DesiredDaemon {
 public:
  DesiredDaemon(const BackendConfig& config, Desired desired)
      : desired_(std::move(desired)),
        registry_(config.registry),
        origin_(config.desired.origin),
        link_(make_link(config)) {}

  Status run(const StopSignal& stop) {
    notify_ready();
    while (!stop.raised()) {
      link_.step(outgoing_.empty() ? kIdleWait : kSecond / 100, stop.fd());
      advance_rollouts();
      bring_bodies();
      send();
      notify_watchdog();
    }
    notify_stopping();
    link_.close();
    return ok();
  }

 private:
  struct Outgoing {
    std::string topic;
    std::string body;
    bool retain = false;
  };

  ServerLink make_link(const BackendConfig& config) {
    std::vector<std::string> filters{std::string(kOperatorPushFilter), all_connections_filter(),
                                     all_reported_filter()};
    return ServerLink(make_mosquitto_transport(config.mqtt), clock_, std::move(filters),
                      {[this] { retain(desired_.everything(registry_.current())); },
                       [this](const MqttMessage& message) { take(message); }});
  }

  void take(const MqttMessage& message) {
    if (const auto operator_name = parse_push_topic(message.topic)) {
      // A push is said once; a retained one would be an old one coming back at every reconnect.
      if (!message.retained) take_push(*operator_name, as_text(message.payload));
      return;
    }
    const auto topic = parse_device_topic(message.topic);
    const RegisteredScreen* screen = topic ? registry_.current().find(topic->device) : nullptr;
    if (screen == nullptr || screen->revoked) return;
    if (topic->leaf == "state/conn") {
      const auto connection = read_connection(as_text(message.payload));
      if (!connection) return complain(message.topic, connection.error());
      if (!connection->online) return desired_.on_farewell(screen->screen);
      retain(desired_.on_birth(*screen, clock_.boottime()));
    } else {
      const auto reported = read_reported(as_text(message.payload));
      if (!reported) return complain(message.topic, reported.error());
      retain(desired_.on_reported(*screen, *reported, clock_.boottime()));
    }
  }

  void take_push(const std::string& operator_name, std::string_view jws) {
    const Desired::Verdict verdict =
        desired_.push(jws, clock_.realtime() / kSecond, registry_.current(), operator_name);
    const PushReply& reply = verdict.reply;
    if (reply.accepted) {
      log_info("{} pushed {} {} for {}: accepted{}{}", operator_name, reply.kind, reply.version,
               reply.audience, reply.reason.empty() ? "" : ": ", reply.reason);
      retain(verdict.retain);
      if (verdict.pass_on)
        outgoing_.push_back({verdict.pass_on->topic, verdict.pass_on->jws, false});
    } else {
      log_warn("{} pushed {} {} for {}: refused: {}", operator_name,
               reply.kind.empty() ? "something" : reply.kind, reply.version,
               reply.audience.empty() ? "nobody" : reply.audience, reply.reason);
    }
    outgoing_.push_back({operator_reply_topic(operator_name), write_push_reply(reply), false});
  }

  static void complain(const std::string& topic, const Error& error) {
    log_warn("{}: {}; ignored", topic, error.message);
  }

  void advance_rollouts() {
    const Micros now = clock_.boottime();
    if (now < next_advance_ || !link_.connected()) return;
    next_advance_ = now + kAdvanceEvery;
    const auto progress =
        desired_.advance_rollouts(registry_.current(), clock_.realtime() / kSecond);
    retain(progress.retain);
    for (const auto& [operator_name, reply] : progress.tell)
      outgoing_.push_back({operator_reply_topic(operator_name), write_push_reply(reply), false});
  }

  // Says once what is missing, at the second look.
  void bring_bodies() {
    const Micros now = clock_.boottime();
    if (now < next_bring_) return;
    next_bring_ = now + kBringEvery;
    std::vector<std::string> lacking = desired_.bring_bodies(origin_);
    for (const std::string& line : lacking) {
      const bool again = std::find(lacking_.begin(), lacking_.end(), line) != lacking_.end();
      if (again && told_.insert(line).second) log_warn("{}; looking on", line);
    }
    lacking_ = std::move(lacking);
  }

  void retain(const std::vector<RetainedDocument>& documents) {
    for (const RetainedDocument& document : documents)
      outgoing_.push_back({document.topic, document.jws, true});
  }

  // A document that is still waiting when the link goes down is in the archive and comes with the
  // next connect; a reply waits for it.
  void send() {
    if (!link_.connected()) {
      std::erase_if(outgoing_, [](const Outgoing& entry) { return entry.retain; });
      return;
    }
    while (!outgoing_.empty()) {
      const Outgoing& next = outgoing_.front();
      if (auto sent = link_.publish(next.topic, as_bytes(next.body), next.retain); !sent) {
        if (sent.error().code != ErrorCode::invalid) return;
        log_error("{} was not sent: {}", next.topic, sent.error().message);
      }
      outgoing_.pop_front();
    }
  }

  SystemClock clock_;
  Desired desired_;
  RegistryFile registry_;
  std::deque<Outgoing> outgoing_;
  Micros next_advance_ = 0, next_bring_ = 0;
  const fs::path origin_;
  std::vector<std::string> lacking_;  // at the last look
  std::set<std::string> told_;
  ServerLink link_;
};

Status run(const fs::path& config_file) {
  const StopSignal stop;
  auto config = read_backend_config(config_file, "desired");
  if (!config) return std::move(config).error();
  auto root = read_public_key(config->root_key);
  if (!root) return std::move(root).error();
  auto trust = read_verified_trust(config->trust, config->root_key);
  if (!trust) return std::move(trust).error();
  auto desired =
      Desired::open(config->desired.archive, *std::move(trust), *root, config->desired.rollout);
  if (!desired) return std::move(desired).error();
  log_info("archive {} is open", config->desired.archive.string());
  DesiredDaemon daemon(*config, *std::move(desired));
  return daemon.run(stop);
}

}  // namespace
}  // namespace vitrine

int main(int count, char** words) {
  vitrine::cli::App app("Takes what operators push and keeps it before the screens.");
  std::string config;
  app.add_option("--config", config, "backend.toml")->required();
  app.set_version_flag("--version", VITRINE_VERSION);
  if (const auto code = app.parse(count, words)) return *code;
  vitrine::log_start("vitrine-desired");
  auto done = vitrine::run(config);
  if (done) return 0;
  vitrine::log_error("{}; stopping", done.error().message);
  return 1;
}
