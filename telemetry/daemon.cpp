#include "daemon.hpp"

#include <filesystem>

#include "platform/log.hpp"
#include "report.hpp"

namespace vitrine {
namespace {

// How often files of the other daemons are looked at: rows, verdicts, player/active.
constexpr Micros kLookEvery = 250 * kMillisecond;
constexpr Micros kKeepAcked = 30 * kDay;
constexpr std::uint32_t kLiveBatchPeriodS = 20;

}  // namespace

MqttOptions mqtt_options(const StatePaths& paths, const DeviceIdentity& identity) {
  MqttOptions options;
  options.host = identity.mqtt_host;
  options.port = identity.mqtt_port;
  options.client_id = identity.screen;
  options.ca_file = paths.tls_authority().string();
  options.certificate_file = paths.tls_certificate().string();
  options.key_file = paths.tls_key().string();
  return options;
}

Result<std::unique_ptr<Daemon>> Daemon::open(DaemonOptions options, const Clock& clock) {
  auto identity = read_device_identity(options.paths);
  if (!identity) return std::move(identity).error();
  for (const fs::path& directory :
       {options.paths.content(), options.paths.trust(), options.paths.telemetry_floors(),
        options.paths.clock().parent_path(), options.paths.takeover(), options.paths.commands()}) {
    if (auto made = make_directories(directory); !made) return std::move(made).error();
  }
  auto outbox = Outbox::open(options.paths.outbox());
  if (!outbox) return std::move(outbox).error();
  std::unique_ptr<Daemon> daemon(
      new Daemon(std::move(options), std::move(*identity), clock, std::move(*outbox)));
  if (auto started = daemon->start(); !started) return std::move(started).error();
  return daemon;
}

Daemon::Daemon(DaemonOptions options, DeviceIdentity identity, const Clock& clock, Outbox outbox)
    : options_(std::move(options)),
      identity_(std::move(identity)),
      clock_(clock),
      topics_(identity_.screen),
      outbox_(std::move(outbox)),
      time_keeper_(options_.paths, outbox_, clock_, options_.built_at_utc),
      transport_(make_mosquitto_transport(options_.mqtt)),
      link_(*transport_, clock_,
            {.screen = identity_.screen,
             .groups = identity_.groups,
             .software = options_.software,
             .backoff_cap = options_.backoff_cap}),
      courier_(outbox_, *transport_, clock_, identity_.screen,
               [this](const std::string& code, const std::string& text) { notify(code, text); }),
      freezer_(outbox_, clock_, identity_.screen, make_log_sources(options_.paths, outbox_)),
      fetch_(options_.paths.content(), options_.paths.tls_authority().string()) {}

Status Daemon::start() {
  time_keeper_.tick();
  const auto say = [this](const std::string& code, const std::string& text) { notify(code, text); };
  Inbox::Setup setup{options_.paths, identity_, [this] { return time_keeper_.utc_s(); }, say,
                     [this] { return what_is_kept(options_.paths); }};
  auto inbox = Inbox::open(std::move(setup), outbox_);
  if (!inbox) return std::move(inbox).error();
  inbox_ = std::make_unique<Inbox>(std::move(*inbox));
  assembly_ = std::make_unique<Assembly>(options_.paths, *inbox_, fetch_, clock_, say);
  commands_ = std::make_unique<CommandDesk>(
      CommandDesk::Setup{.paths = options_.paths,
                         .screen = identity_.screen,
                         .clock = clock_,
                         .birth =
                             [this] {
                               return Birth{clock_.boot_id(), link_.nonce()};
                             },
                         .trust = [this]() -> const Trust& { return inbox_->trust(); },
                         .now_utc_s = [this] { return time_keeper_.utc_s(); },
                         .resend = {},
                         .publish =
                             [this](const std::string& reply) {
                               return transport_->publish(topics_.up_reply(), as_bytes(reply)).ok();
                             }});
  link_.on_connected([this] {
    commands_->link_up();
    courier_.link_up();
    reported_.clear();  // a broker may have forgotten what was retained
  });
  link_.on_message([this](const MqttMessage& message) { receive(message); });
  return ok();
}

void Daemon::notify(const std::string& code, const std::string& text) {
  log_warn("{}", text);
  if (auto added = outbox_.add_event({0, Notice{clock_.boot_id(), clock_.boottime(), code, text}});
      !added) {
    log_error("cannot keep an event: {}", added.error().message);
  }
}

void Daemon::receive(const MqttMessage& message) {
  if (message.topic == topics_.ack()) return courier_.receive_ack(message.payload, inbox_->trust());
  if (message.topic == topics_.command())
    return commands_->receive(std::string(as_text(message.payload)));
  const auto slash = message.topic.rfind('/');
  const auto kind = document_kind(std::string_view(message.topic).substr(slash + 1));
  if (!kind) {
    log_warn("a message on {} is ignored: no such kind of document", message.topic);
    return;
  }
  inbox_->receive(*kind, std::string(as_text(message.payload)));
}

Micros Daemon::batch_period() {
  const Settings settings = inbox_->settings();
  const std::uint32_t period = settings.live ? std::min(settings.batch_period_s, kLiveBatchPeriodS)
                                             : settings.batch_period_s;
  return Micros{period} * kSecond;
}

void Daemon::turn(Micros wait) {
  const Micros now = clock_.boottime();
  link_.tick();
  if (now >= next_look_) {
    next_look_ = now + kLookEvery;
    time_keeper_.tick();
    assembly_->tick();
    freezer_.tick(batch_period());
    commands_->tick();
    report();
  }
  if (now >= next_health_) {
    next_health_ = now + kMinute;
    add_health();
  }
  if (now >= next_forget_) {
    next_forget_ = now + kHour;
    if (auto done = outbox_.forget(clock_.realtime() - kKeepAcked); !done)
      log_warn("{}", done.error().message);
  }
  courier_.tick(batch_period());
  transport_->poll(wait, fetch_.wake_fd());
}

void Daemon::report() {
  if (!transport_->connected()) return;
  const std::string text = write_reported(make_report(options_.paths, *inbox_, *assembly_));
  if (text == reported_) return;
  if (transport_->publish(topics_.reported(), as_bytes(text), true)) reported_ = text;
}

void Daemon::add_health() {
  const auto load = outbox_.unacked_load();
  std::int64_t content_bytes = 0;
  std::error_code error;
  for (fs::directory_iterator it(options_.paths.content(), error), end; !error && it != end;
       it.increment(error)) {
    std::error_code vanished;  // a .part may be renamed meanwhile
    const auto size = it->file_size(vanished);
    if (!vanished) content_bytes += static_cast<std::int64_t>(size);
  }
  const auto space = fs::space(options_.paths.root, error);
  HealthRow row;
  row.boot = clock_.boot_id();
  row.at_us = clock_.boottime();
  row.figures = {{"uptime_s", clock_.boottime() / kSecond},
                 {"outbox_batches", load ? load->batches : -1},
                 {"outbox_bytes", load ? load->bytes : -1},
                 {"acked_batches", static_cast<std::int64_t>(courier_.acked())},
                 {"content_bytes", content_bytes},
                 {"disk_free_bytes", error ? -1 : static_cast<std::int64_t>(space.available)},
                 {"connections", static_cast<std::int64_t>(link_.connections())}};
  if (auto added = outbox_.add_health(std::move(row)); !added)
    log_warn("cannot keep health: {}", added.error().message);
}

void Daemon::close(Micros limit) {
  freezer_.close();
  const Micros deadline = clock_.boottime() + limit;
  while (transport_->connected() && clock_.boottime() < deadline) {
    const auto load = outbox_.unacked_load();
    if (load && load->batches == 0) break;
    courier_.tick(batch_period());
    transport_->poll(50 * kMillisecond);
  }
  if (const auto load = outbox_.unacked_load(); load && load->batches > 0) {
    log_info("{} batches wait in the outbox for the next start", load->batches);
  }
  link_.leave();
}

Outbox::Load Daemon::outbox_load() {
  auto load = outbox_.unacked_load();
  return load ? *load : Outbox::Load{};
}

}  // namespace vitrine
