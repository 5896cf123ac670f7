#include "daemon.hpp"

#include <filesystem>

#include "boot_rtc.hpp"
#include "platform/log.hpp"
#include "platform/time_zone.hpp"
#include "report.hpp"

namespace vitrine {
namespace {

// How often files of the other daemons are looked at: rows, verdicts, player/active.
constexpr Micros kLookEvery = 250 * kMillisecond;
constexpr Micros kLeastLook = 50 * kMillisecond;
constexpr Micros kKeepAcked = 30 * kDay;
constexpr std::uint32_t kLiveBatchPeriodS = 20;
constexpr Micros kAskTimeEvery = 10 * kMinute;

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
       {options.paths.content(), options.paths.bodies(), options.paths.trust(),
        options.paths.telemetry_floors(), options.paths.clock().parent_path(),
        options.paths.takeover(), options.paths.commands()}) {
    if (auto made = make_directories(directory); !made) return std::move(made).error();
  }
  auto outbox = Outbox::open(options.paths.outbox_log());
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
      time_keeper_({.paths = options_.paths,
                    .built_at_utc = options_.built_at_utc,
                    .from_rtc = clock_came_from_rtc(options_.roots.sysfs, clock_.realtime()),
                    .notify = [this](const std::string& code,
                                     const std::string& text) { notify(code, text); }},
                   outbox_, clock_),
      transport_(make_mosquitto_transport(dated_mqtt())),
      link_(*transport_, clock_,
            {.screen = identity_.screen,
             .groups = identity_.groups,
             .software = options_.software,
             .backoff_cap = options_.backoff_cap}),
      beacons_(time_keeper_, link_, clock_, identity_.screen),
      courier_(outbox_, *transport_, clock_, identity_.screen,
               [this](const std::string& code, const std::string& text) { notify(code, text); },
               {.leave_out_hashes = true, .utc_us = [this] { return time_keeper_.utc_us(); }}),
      freezer_(outbox_, clock_, identity_.screen, make_log_sources(options_.paths, outbox_)),
      renewal_(options_.paths, clock_, identity_.enrol_url,
               [this](const std::string& code, const std::string& text) { notify(code, text); }),
      fetch_(options_.paths.content(), options_.paths.tls_authority().string()),
      body_fetch_(options_.paths.bodies(), options_.paths.tls_authority().string(), {}, "document"),
      bodies_(options_.paths.bodies(), body_fetch_, clock_),
      metered_(options_.paths.metered(), clock_, [this] { return local_now(); }),
      health_({options_.paths, options_.roots, identity_.screen, options_.software,
               [this](const std::string& code, const std::string& text) { notify(code, text); }},
              {outbox_, link_, *transport_, courier_, time_keeper_, fetch_, clock_}) {}

Status Daemon::start() {
  time_keeper_.tick();
  auto zone = load_zone(identity_.zone);
  if (zone) {
    zone_ = *std::move(zone);
  } else {
    log_warn("{}: {}; a metered day is one of UTC", options_.paths.device_config().string(),
             zone.error().message);
  }
  const auto say = [this](const std::string& code, const std::string& text) { notify(code, text); };
  Inbox::Setup setup{options_.paths,
                     identity_,
                     [this] { return time_keeper_.utc_s(); },
                     say,
                     [this] { return what_is_kept(options_.paths); },
                     &bodies_};
  auto inbox = Inbox::open(std::move(setup), outbox_);
  if (!inbox) return std::move(inbox).error();
  inbox_ = std::make_unique<Inbox>(std::move(*inbox));
  assembly_ = std::make_unique<Assembly>(
      options_.paths, *inbox_, fetch_, clock_, say, backoff_with_jitter,
      FetchMeans{.local_now = [this] { return local_now(); }, .metered = &metered_});
  rehash_ = std::make_unique<Rehash>(Rehash::Options{
      .content = options_.paths.content(), .done = options_.paths.rehashed(), .elsewhere = [this] {
        return fetch_.busy() || body_fetch_.busy();
      }});
  freezer_.on_plays([this](const std::vector<PlayRow>& rows) { health_.take_plays(rows); });
  commands_ = std::make_unique<CommandDesk>(CommandDesk::Setup{
      .paths = options_.paths,
      .screen = identity_.screen,
      .clock = clock_,
      .birth =
          [this] {
            return Birth{clock_.boot_id(), link_.nonce()};
          },
      .trust = [this]() -> const Trust& { return inbox_->trust(); },
      .now_utc_s = [this] { return time_keeper_.utc_s(); },
      .resend = [this](Stream stream, LogId log_id, std::uint64_t first,
                       std::uint64_t last) { return resend(stream, log_id, first, last); },
      .publish =
          [this](const std::string& reply) {
            return transport_->publish(topics_.up_reply(), as_bytes(reply)).ok();
          },
      .publish_picture =
          [this](const Bytes& picture) {
            return transport_->publish(topics_.up_picture(), picture).ok();
          }});
  link_.on_connected([this] {
    renewal_.link_up();
    commands_->link_up();
    courier_.link_up();
    reported_.clear();  // a broker may have forgotten what was retained
  });
  link_.on_notice(say);
  link_.on_message([this](const MqttMessage& message) { receive(message); });
  return ok();
}

// Asks the clock anew at every attempt, and remembers whether the times were checked.
MqttOptions Daemon::dated_mqtt() {
  MqttOptions options = options_.mqtt;
  if (options.ca_file.empty()) return options;
  options.certificate_time = [this] {
    const CertificateTime at = time_keeper_.certificate_time();
    dated_ = at.check;
    return at;
  };
  return options;
}

void Daemon::look_after_time() {
  time_keeper_.tick();
  fetch_.check_certificates(time_keeper_.certificate_time());
  body_fetch_.check_certificates(time_keeper_.certificate_time());
  if (!transport_->connected()) return;
  if (time_keeper_.trust() == ClockTrust::trusted) {
    if (!dated_) link_.restart("its certificates can be checked by a trusted clock now");
    dated_ = true;
  } else if (clock_.boottime() - link_.born_at() > kAskTimeEvery) {
    link_.announce();  // the ingest may have been away when this link was born
  }
}

Result<std::string> Daemon::resend(Stream stream, LogId log_id, std::uint64_t first,
                                   std::uint64_t last) {
  if (auto done = freezer_.resend(stream, log_id, {first, last}); !done)
    return std::move(done).error();
  return fmt::format("rows {} to {} of {} log {:016x} are sent again", first, last, name_of(stream),
                     log_id);
}

bool Daemon::notify(const std::string& code, const std::string& text) {
  log_warn("{}", text);
  if (inbox_) health_.noted(text);
  if (auto added = outbox_.add_event({0, Notice{clock_.boot_id(), clock_.boottime(), code, text}});
      !added) {
    log_error("cannot keep an event: {}", added.error().message);
    return false;
  }
  return true;
}

void Daemon::receive(const MqttMessage& message) {
  if (message.topic == topics_.ack()) {
    return courier_.receive_ack(message.payload, inbox_->trust(), time_keeper_.utc_s());
  }
  if (message.topic == topics_.time()) return beacons_.receive(message.payload, inbox_->trust());
  if (message.topic == topics_.command())
    return commands_->receive(std::string(as_text(message.payload)));
  const auto slash = message.topic.rfind('/');
  const auto kind = document_kind(std::string_view(message.topic).substr(slash + 1));
  if (!kind) {
    log_warn("a message on {} is ignored: no such kind of document", message.topic);
    return;
  }
  inbox_->receive(*kind, std::string(as_text(message.payload)));
  // It is to be on the glass within a second. No more often than so: anybody may have sent it.
  if (*kind == DocumentKind::takeover) next_look_ = std::min(next_look_, last_look_ + kLeastLook);
}

Micros Daemon::batch_period() {
  const Settings settings = inbox_->settings();
  const std::uint32_t period = settings.live ? std::min(settings.batch_period_s, kLiveBatchPeriodS)
                                             : settings.batch_period_s;
  return Micros{period} * kSecond;
}

void Daemon::replace_outbox() {
  if (outbox_.damaged()) {
    if (auto replaced = outbox_.replace(); !replaced)
      return log_error("cannot begin a new outbox: {}; trying again", replaced.error().message);
    freezer_.restart();
    courier_.link_up();
  }
  if (outbox_.set_aside() == told_aside_) return;
  told_aside_ = outbox_.set_aside();
  notify("outbox-damaged", "outbox.db was damaged and is kept as " +
                               told_aside_.filename().string() +
                               "; what its logs still hold is sent again");
}

std::optional<LocalTime> Daemon::local_now() const {
  const std::int64_t now = time_keeper_.utc_s();
  if (now == kNoClock) return std::nullopt;
  return local_time(zone_, now);
}

void Daemon::turn(Micros wait) {
  const Micros now = clock_.boottime();
  replace_outbox();
  link_.tick();
  if (now >= next_look_) {
    last_look_ = now;
    next_look_ = now + kLookEvery;
    look_after_time();
    if (renewal_.tick(time_keeper_.utc_s(), time_keeper_.certificate_time()))
      link_.restart("the certificate is new");
    inbox_->tick();
    fetch_.allow(metered_.tick(inbox_->settings().metered, fetch_.received()));
    for (const std::string& line : rehash_->damaged()) notify("content-damaged", line);
    assembly_->tick();
    freezer_.tick(batch_period());
    commands_->tick();
    troubles_.tick(options_.paths, now);
    field_notes_.tick(options_.paths, now);
    update_news_.tick(options_.paths, now);
    report();
    health_.rows_wait(batch_period());
    health_.tick(*inbox_);
  }
  if (now >= next_forget_) {
    next_forget_ = now + kHour;
    // By a clock that may be wrong, receipts would go too early.
    if (time_keeper_.trust() != ClockTrust::none) {
      if (auto done = outbox_.forget(time_keeper_.utc_us() - kKeepAcked); !done)
        log_warn("{}", done.error().message);
    }
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

void Daemon::close(Micros limit) {
  health_.close();
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
