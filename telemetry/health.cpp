#include "health.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "platform/log.hpp"
#include "state/live.hpp"

namespace vitrine {
namespace {

constexpr Micros kSampleEvery = kMinute;
constexpr Micros kStatusEvery = 10 * kSecond;
// Rows of five minutes in one transaction: figures are worth a look, not an fsync each. A kill -9
// loses at most these.
constexpr std::size_t kRowsAWrite = 5;
// A day is told from at least this much of it.
constexpr Micros kLeastOfADay = 10 * kMinute;

std::string part(std::string_view name, Stream stream) {
  return std::string(name) + "." + std::string(name_of(stream));
}

}  // namespace

Health::Health(Setup setup, Parts parts)
    : setup_(std::move(setup)),
      parts_(parts),
      started_at_(parts_.clock.boottime()),
      processes_(setup_.roots, ::getppid()) {
  struct stat state {};
  if (::stat(setup_.paths.root.c_str(), &state) == 0) disk_ = disk_of(setup_.roots, state.st_dev);
  std::vector<StatusAlert> in_force;
  const auto before = read_telemetry_status(setup_.paths);
  if (before && before->boot == parts_.clock.boot_id()) in_force = before->alerts;
  alerts_.emplace(setup_.notify, std::move(in_force));
  auto socket = MetricsSocket::open(setup_.paths.metrics());
  if (socket)
    metrics_.emplace(std::move(*socket));
  else
    log_warn("no metrics: {}", socket.error().message);
  status_.boot = parts_.clock.boot_id();
  status_.software = setup_.software;
}

void Health::noted(const std::string& text) {
  status_.notice = text;
  status_.notice_at = parts_.clock.boottime();
}

void Health::take_plays(const std::vector<PlayRow>& rows) {
  plays_.take(rows, parts_.clock.boot_id(), parts_.clock.boottime());
}

void Health::tick(Inbox& inbox) {
  const Micros now = parts_.clock.boottime();
  const bool link_changed = status_.link_up != parts_.transport.connected();
  if (now >= next_sample_) {
    next_sample_ = now + kSampleEvery;
    status_.figures = sample(inbox);
    alerts_->judge(status_.figures, now);
    status_.alerts = alerts_->in_force();
    status_.figures.emplace_back("alerts", static_cast<std::int64_t>(status_.alerts.size()));
    keep_row(status_.figures, now);
  }
  if (now >= next_status_ || link_changed) {
    next_status_ = now + kStatusEvery;
    write_status(inbox);
  }
  if (metrics_) metrics_->serve(now, [this] { return metrics_text(status_, setup_.screen); });
}

Figures Health::sample(Inbox& inbox) {
  const Micros now = parts_.clock.boottime();
  Figures figures;
  figures.emplace_back("uptime_s", now / kSecond);
  figures.emplace_back("telemetry_uptime_s", (now - started_at_) / kSecond);
  if (const auto active = read_active(setup_.paths); active && active->confirmed != 0)
    figures.emplace_back("generation", static_cast<std::int64_t>(active->confirmed));
  if (const HeldDocument* schedule = inbox.best(DocumentKind::schedule))
    figures.emplace_back("schedule_version", static_cast<std::int64_t>(schedule->header().version));
  const ClockState& clock = parts_.time_keeper.state();
  figures.emplace_back("clock_trust", static_cast<std::int64_t>(clock.trust));
  if (clock.trust != ClockTrust::none) {
    figures.emplace_back("clock_error_us", clock.error_us);
    figures.emplace_back(
        "system_clock_off_ms",
        (parts_.clock.realtime() - now - clock.utc_minus_boottime_us) / kMillisecond);
  }
  add_link(now, figures);
  add_outbox(now, figures);
  add_disk(now, figures);
  processes_.add(now, figures);
  add_board_figures(setup_.roots, figures);
  add_others(now, figures);
  return figures;
}

void Health::add_link(Micros now, Figures& to) {
  to.emplace_back("link_up", parts_.transport.connected() ? 1 : 0);
  to.emplace_back("link_s", (now - parts_.link.changed_at()) / kSecond);
  to.emplace_back("link_connections", static_cast<std::int64_t>(parts_.link.connections()));
  const auto failures = static_cast<std::int64_t>(parts_.link.losses());
  to.emplace_back("link_failures", failures);
  failures_.push_back({now, failures});
  while (now - failures_.front().at > kHour) failures_.pop_front();
  to.emplace_back("link_failures_hour", failures - failures_.front().count);
  if (const auto trip = parts_.courier.round_trip())
    to.emplace_back("ack_round_trip_ms", *trip / kMillisecond);
  to.emplace_back("acked_batches", static_cast<std::int64_t>(parts_.courier.acked()));
  const auto utc = parts_.time_keeper.utc_s();
  const auto end = certificate_end(setup_.paths.tls_certificate());
  if (end && utc > 0) to.emplace_back("certificate_left_s", *end - utc);
}

void Health::add_outbox(Micros now, Figures& to) {
  const auto loads = parts_.outbox.waiting(now);
  if (!loads) return;
  for (const Outbox::Waiting& load : *loads) {
    to.emplace_back(part("outbox_batches", load.stream), load.batches);
    to.emplace_back(part("outbox_rows", load.stream), load.rows);
    to.emplace_back(part("outbox_bytes", load.stream), load.bytes);
    if (load.batches > 0) to.emplace_back(part("outbox_oldest_s", load.stream), load.age / kSecond);
    to.emplace_back(part("dropped_rows", load.stream), parts_.outbox.dropped_rows(load.stream));
  }
}

void Health::add_disk(Micros now, Figures& to) {
  std::int64_t content = 0;
  std::error_code error;
  for (fs::directory_iterator it(setup_.paths.content(), error), end; !error && it != end;
       it.increment(error)) {
    std::error_code vanished;  // a .part may be renamed meanwhile
    const auto size = it->file_size(vanished);
    if (!vanished) content += static_cast<std::int64_t>(size);
  }
  to.emplace_back("content_bytes", content);
  const auto space = fs::space(setup_.paths.root, error);
  if (!error) to.emplace_back("disk_free_bytes", static_cast<std::int64_t>(space.available));
  add_disk_figures(disk_, to);
  const auto written = figure(to, "disk_written_bytes");
  if (!written) return;
  if (written_.empty() || now - written_.back().at >= kHour) written_.push_back({now, *written});
  while (now - written_.front().at > kDay) written_.pop_front();
  const Micros span = now - written_.front().at;
  if (span < kLeastOfADay) return;
  to.emplace_back("disk_written_day_bytes",
                  static_cast<std::int64_t>(static_cast<double>(*written - written_.front().count) *
                                            static_cast<double>(kDay) / static_cast<double>(span)));
}

void Health::add_others(Micros now, Figures& to) {
  const auto player = read_player_live(setup_.paths, now);
  to.emplace_back("player_alive", player ? 1 : 0);
  if (player) to.emplace_back("plays", player->plays);
  plays_.add(now, to);
  const auto audience = read_audience_live(setup_.paths, now);
  to.emplace_back("audience_alive", audience ? 1 : 0);
  if (audience) {
    to.emplace_back("camera_ok", audience->camera == "ok" ? 1 : 0);
    to.emplace_back("camera_fps_milli", audience->fps_milli);
    std::int64_t blind = 0;
    for (const AudienceLive::Blind& cause : audience->blind) blind += cause.seconds;
    to.emplace_back("camera_blind_s", blind);
  }
  to.emplace_back("fetch_errors", static_cast<std::int64_t>(parts_.fetch.failures()));
}

void Health::keep_row(const Figures& figures, Micros now) {
  rows_.push_back({0, parts_.clock.boot_id(), now, figures});
  // The first at once: a screen that just came up is what people look at.
  if (kept_one_ && rows_.size() < kRowsAWrite) return;
  flush_rows();
}

void Health::flush_rows() {
  if (rows_.empty()) return;
  kept_one_ = true;
  if (auto kept = parts_.outbox.add_health(std::move(rows_)); !kept)
    log_warn("cannot keep health: {}", kept.error().message);
  rows_.clear();
}

void Health::close() {
  flush_rows();
}

void Health::write_status(Inbox& inbox) {
  status_.written_at = parts_.clock.boottime();
  status_.link_up = parts_.transport.connected();
  status_.link_since = parts_.link.changed_at();
  status_.link_reason = parts_.link.last_reason();
  const HeldDocument* schedule = inbox.best(DocumentKind::schedule);
  status_.waiting_for = schedule == nullptr ? "" : schedule->error;
  if (auto written = write_telemetry_status(setup_.paths, status_); !written)
    log_warn("cannot write the status: {}", written.error().message);
}

}  // namespace vitrine
