#include "operator/status.hpp"

#include <spdlog/fmt/fmt.h>

#include "platform/tls.hpp"
#include "state/camera.hpp"
#include "state/generation.hpp"
#include "state/live.hpp"
#include "state/status.hpp"
#include "state/update.hpp"

namespace vitrine::op {
namespace {

// Telemetry writes its status every 10 s.
constexpr Micros kStale = 30 * kSecond;

std::string span(Micros time) {
  const std::int64_t s = std::max<Micros>(0, time) / kSecond;
  if (s < 120) return fmt::format("{} s", s);
  if (s < 7200) return fmt::format("{} min", s / 60);
  if (s < 172'800) return fmt::format("{} h", s / 3600);
  return fmt::format("{} days", s / 86'400);
}

std::string bytes(std::int64_t count) {
  const auto value = static_cast<double>(count);
  if (count < 1'000'000) return fmt::format("{:.1f} kB", value / 1e3);
  if (count < 1'000'000'000) return fmt::format("{:.1f} MB", value / 1e6);
  return fmt::format("{:.1f} GB", value / 1e9);
}

// What the page is made of, read once.
struct Known {
  StatePaths paths;
  DeviceIdentity identity;
  Micros now = 0;
  std::optional<TelemetryStatus> telemetry;  // as written last in this boot
  bool telemetry_lives = false;
  std::optional<ClockState> clock;
  std::optional<PlayerLive> player;
  std::optional<AudienceLive> audience;

  std::optional<std::int64_t> figure(std::string_view name) const {
    return telemetry ? vitrine::figure(telemetry->figures, name) : std::nullopt;
  }
  // Seconds since 1970 as telemetry tells them, else nothing.
  std::optional<std::int64_t> utc_s(Micros at) const {
    if (!clock || clock->trust == ClockTrust::none) return std::nullopt;
    return (at + clock->utc_minus_boottime_us) / kSecond;
  }
  std::string moment(Micros at) const {
    const auto utc = utc_s(at);
    return (utc ? format_utc(*utc) + ", " : std::string()) + span(now - at) + " ago";
  }
};

std::string enrolled(const Known& known) {
  const auto end = certificate_end(known.paths.tls_certificate());
  if (!end) return "no: " + end.error().message;
  const auto utc = known.utc_s(known.now);
  const std::string until = "certificate until " + format_utc(*end);
  if (!utc) return until;
  return *end < *utc ? until + ", EXPIRED"
                     : until + fmt::format(" ({})", span((*end - *utc) * kSecond));
}

std::string link(const Known& known) {
  const std::string broker =
      known.identity.mqtt_host + ":" + std::to_string(known.identity.mqtt_port);
  if (!known.telemetry_lives) return "unknown: vitrine-telemetry does not run; broker " + broker;
  const TelemetryStatus& status = *known.telemetry;
  std::string text = fmt::format("{} since {}; broker {}", status.link_up ? "up" : "DOWN",
                                 known.moment(status.link_since), broker);
  if (!status.link_reason.empty())
    text += (status.link_up ? "; before that: " : "; ") + status.link_reason;
  return text;
}

std::string clock_line(const Known& known) {
  if (!known.clock) return "unknown: nobody tells the time";
  const ClockState& clock = *known.clock;
  if (clock.trust == ClockTrust::none) return "unknown: no source of time since the screen started";
  const std::string source = clock.source == "none" ? "the system clock alone" : clock.source;
  std::string text =
      fmt::format("{} by {}, to within {} ms: {}", name_of(clock.trust), source,
                  clock.error_us / kMillisecond, format_utc(*known.utc_s(known.now)));
  if (const auto off = known.figure("system_clock_off_ms"); off && std::abs(*off) >= 1000)
    text += fmt::format("; the system clock is {} off", span(std::abs(*off) * kMillisecond));
  return text;
}

std::string schedule(const Known& known) {
  const auto active = read_active(known.paths);
  std::string text = !active || active->confirmed == 0
                         ? std::string("no generation confirmed")
                         : fmt::format("generation {} confirmed", active->confirmed);
  if (const auto version = known.figure("schedule_version"))
    text += fmt::format(", schedule {} verified", *version);
  if (known.telemetry && !known.telemetry->waiting_for.empty())
    text += "; waits: " + known.telemetry->waiting_for;
  return text;
}

std::string on_screen(const Known& known) {
  if (!known.player) return "unknown: vitrine-player does not run";
  const PlayerLive& live = *known.player;
  if (live.reason == kPanelOff) return "nothing: the panel is off by plan";
  if (live.creative == 0) return "nothing";
  std::string text =
      fmt::format("{} {}, {:.1f} of {:.1f} s, {}; {} plays in the log", live.creative, live.label,
                  static_cast<double>(live.position_ms) / 1000,
                  static_cast<double>(live.length_ms) / 1000, live.reason, live.plays);
  if (!live.error.empty()) text += "; " + live.error;
  return text;
}

std::string picture(const Known& known) {
  const auto due = known.figure("frames_due"), dropped = known.figure("frames_dropped");
  if (!due || !dropped) return "unknown";
  std::string text = fmt::format("{} of {} frames dropped in the plays read", *dropped, *due);
  const auto half = known.figure("lateness_p50_ms"), most = known.figure("lateness_p99_ms");
  if (half && most)
    text += fmt::format("; plays begin {} ms late, 1 in 100 more than {} ms", *half, *most);
  return text;
}

std::string camera(const Known& known) {
  if (!known.audience) return "unknown: vitrine-audience does not run";
  const AudienceLive& live = *known.audience;
  if (live.camera == "off") {
    const auto may = may_count(known.paths);
    return "off" + (may ? std::string() : ": " + may.error().message);
  }
  std::string text =
      fmt::format("{}, {:.1f} pictures a second, {} in view, {} crossings", live.camera,
                  static_cast<double>(live.fps_milli) / 1000, live.present, live.crossings);
  if (const auto settings = read_camera_settings(known.paths); settings && settings->on) {
    const CameraBasis& basis = settings->basis;
    text += fmt::format("; on the basis of \"{}\" ({}, {})", basis.text, basis.by, basis.date);
  }
  return text;
}

std::string outbox(const Known& known) {
  if (!known.telemetry) return "unknown";
  const auto& figures = known.telemetry->figures;
  const auto batches = figure_sum(figures, "outbox_batches");
  if (!batches) return "unknown";
  std::string text =
      fmt::format("{} rows in {} batches wait, {}", figure_sum(figures, "outbox_rows").value_or(0),
                  *batches, bytes(figure_sum(figures, "outbox_bytes").value_or(0)));
  if (const auto dropped = figure_sum(figures, "dropped_rows"); dropped && *dropped > 0)
    text += fmt::format("; {} ROWS DROPPED", *dropped);
  if (const auto trip = known.figure("ack_round_trip_ms"))
    text += fmt::format("; last ack after {} ms", *trip);
  return text;
}

std::string machine(const Known& known) {
  std::string text = "on for " + span(known.now);
  const auto add = [&](const std::string& more) { text += "; " + more; };
  if (const auto free = known.figure("disk_free_bytes")) add(bytes(*free) + " of disk free");
  if (const auto day = known.figure("disk_written_day_bytes")) add(bytes(*day) + " written a day");
  if (const auto life = known.figure("emmc_life_percent"))
    add(fmt::format("up to {} % of the flash used", *life));
  if (const auto heat = known.figure("temperature_mc"))
    add(fmt::format("{:.1f} C", static_cast<double>(*heat) / 1000));
  if (known.figure("under_voltage") == 1)
    add("UNDER-VOLTAGE: the power supply is too weak");
  else if (known.figure("under_voltage_seen") == 1)
    add("under-voltage since it was switched on");
  if (const auto signal = known.figure("signal_dbm")) add(fmt::format("radio {} dBm", *signal));
  return text;
}

// The one thing to do first; the runbook has the rest.
std::string advice(const Known& known) {
  if (!known.player) return "systemctl restart vitrine-player, then journalctl -u vitrine-player";
  if (!known.telemetry_lives)
    return "systemctl restart vitrine-telemetry, then journalctl -u vitrine-telemetry";
  if (!known.telemetry->alerts.empty())
    return "see docs/runbook.md, alert " + known.telemetry->alerts.front().code;
  if (!known.telemetry->link_up)
    return "check cable and router; what is played waits on the screen";
  if (known.player->creative == 0) return "push a schedule, or see what it waits for above";
  return "nothing";
}

std::string software(const StatePaths& paths) {
  const auto state = read_update_state(paths);
  if (!state || state->installed.empty()) return "";
  std::string text = state->installed + " installed";
  if (!state->previous.empty() && state->previous != state->installed)
    text += ", " + state->previous + " kept";
  if (state->on_trial()) text += "; ON TRIAL until it has played";
  if (!state->news.empty()) text += "; last: " + state->news;
  return text;
}

Health health(const Known& known) {
  const bool dark_by_plan = known.player && known.player->reason == kPanelOff;
  if (!known.player || (known.player->creative == 0 && !dark_by_plan)) return Health::down;
  const bool quiet = known.telemetry_lives && known.telemetry->alerts.empty() &&
                     known.telemetry->link_up && known.player->troubles.empty();
  return quiet ? Health::well : Health::wants;
}

// A screen nobody has said anything to yet, or one whose stick waits for a network.
StatusPage unknown_screen(const StatePaths& paths, const std::string& board) {
  std::string awaited;
  if (auto name = read_text(paths.awaited(), 256)) awaited = name->substr(0, name->find('\n'));
  std::string text = fmt::format("{:<10}none yet; board {}\n", "screen", board);
  if (awaited.empty()) {
    text += fmt::format("{:<10}no\n{:<10}vitrine setup\n", "enrolled", "to do");
  } else {
    text += fmt::format(
        "{:<10}not yet: the stick makes it {} at the first link\n{:<10}check cable and router; "
        "journalctl -u vitrine-join says why it does not come\n",
        "enrolled", awaited, "to do");
  }
  return {text, Health::down};
}

}  // namespace

Result<StatusPage> status_page(const StatePaths& paths, const Clock& clock,
                               const std::string& board) {
  auto identity = read_device_identity(paths);
  if (!identity && identity.error().code == ErrorCode::not_found)
    return unknown_screen(paths, board);
  if (!identity) return std::move(identity).error();
  Known known{paths, *identity, clock.boottime()};
  known.telemetry = read_telemetry_status(paths);
  if (known.telemetry && known.telemetry->boot != clock.boot_id()) known.telemetry.reset();
  known.telemetry_lives = known.telemetry && known.telemetry->written_at <= known.now &&
                          known.now - known.telemetry->written_at <= kStale;
  known.clock = read_clock_state(paths);
  if (known.clock && known.clock->written_at > known.now) known.clock.reset();
  known.player = read_player_live(paths, known.now);
  known.audience = read_audience_live(paths, known.now);

  std::string groups;
  for (const std::string& group : identity->groups) groups += " " + group;
  std::string page;
  const auto line = [&](std::string_view name, const std::string& text) {
    page += fmt::format("{:<10}{}\n", name, text);
  };
  line("screen", fmt::format("{}, area {}, {}, groups{}; software {}", identity->screen,
                             identity->area, identity->zone, groups.empty() ? " none" : groups,
                             known.telemetry ? known.telemetry->software : "unknown"));
  line("enrolled", enrolled(known));
  line("link", link(known));
  line("clock", clock_line(known));
  line("schedule", schedule(known));
  line("on screen", on_screen(known));
  line("picture", picture(known));
  if (known.player) {
    for (const PlayerTrouble& trouble : known.player->troubles)
      line("TROUBLE", trouble.code + ": " + trouble.text);
  }
  line("camera", camera(known));
  line("outbox", outbox(known));
  line("machine", machine(known));
  if (const std::string versions = software(paths); !versions.empty()) line("software", versions);
  if (!known.telemetry || known.telemetry->alerts.empty())
    line("alerts", known.telemetry_lives ? "none" : "unknown");
  else
    for (const StatusAlert& alert : known.telemetry->alerts)
      line("ALERT",
           fmt::format("{}: {} (since {})", alert.code, alert.text, known.moment(alert.since)));
  if (known.telemetry && !known.telemetry->notice.empty())
    line("last", known.telemetry->notice + " (" + known.moment(known.telemetry->notice_at) + ")");
  line("to do", advice(known));
  return StatusPage{page, health(known)};
}

}  // namespace vitrine::op
