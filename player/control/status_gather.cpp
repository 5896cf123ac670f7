#include "player/status_gather.hpp"

#include <algorithm>

#include "state/generation.hpp"
#include "state/live.hpp"
#include "state/status.hpp"

namespace vitrine {
namespace {

// Telemetry writes its status every 10 s and its clock at least as often; silent for this long it
// counts as dead.
constexpr Micros kStatusMaxAge = 30 * kSecond;
constexpr Micros kToldMaxAge = 3 * kMinute;

bool fresh(Micros written_at, Micros now, Micros most) {
  return written_at <= now && now - written_at <= most;
}

// "2026-11-30 21:05:17 +08:00"
std::string local_text(const ZoneTable& zone, std::int64_t utc_s) {
  const std::int32_t offset = zone.offset_at(utc_s);
  std::string text = format_utc(utc_s + offset);  // "2026-11-30T21:05:17Z"
  if (text.size() < 20) return text;
  text[10] = ' ';
  text.pop_back();
  const auto two = [](int value) {
    return std::string(value < 10 ? "0" : "") + std::to_string(value);
  };
  const int minutes = std::abs(offset) / 60;
  return text + (offset < 0 ? " -" : " +") + two(minutes / 60) + ":" + two(minutes % 60);
}

void add_telemetry(StatusFacts& facts, const TelemetryStatus& status, Micros now) {
  facts.link = status.link_up ? StatusFacts::Link::up : StatusFacts::Link::down;
  facts.link_for = std::max<Micros>(0, now - status.link_since);
  facts.link_reason = status.link_reason;
  facts.waiting_for = status.waiting_for;
  facts.last_error = status.notice;
  if (!status.alerts.empty()) facts.last_error = status.alerts.front().text;
}

void add_active(StatusFacts& facts, const ActiveState& active) {
  facts.playing = active.confirmed;
  facts.trying = active.trying;
  const std::uint64_t newest = active.rejected.empty() ? 0 : active.rejected.back();
  if (newest <= std::max(active.confirmed, active.trying)) return;
  facts.rejected = newest;
  facts.rejected_reason = active.rejected_reason;
}

}  // namespace

StatusFacts gather_status(const Clock& clock, const StatePaths& paths, const ZoneTable& zone,
                          const std::string& board) {
  const Micros now = clock.boottime();
  StatusFacts facts;
  facts.board = board;
  facts.software = VITRINE_VERSION;
  if (auto identity = read_device_identity(paths)) {
    facts.screen = identity->screen;
  } else if (identity.error().code != ErrorCode::not_found) {
    facts.identity_problem = identity.error().message;
  } else if (auto name = read_text(paths.awaited(), 256)) {
    facts.awaited = name->substr(0, name->find('\n'));
  }
  const auto status = read_telemetry_status(paths);
  if (status && status->boot == clock.boot_id() && fresh(status->written_at, now, kStatusMaxAge)) {
    add_telemetry(facts, *status, now);
  }
  const auto told = read_clock_state(paths);
  if (told && fresh(told->written_at, now, kToldMaxAge) && told->trust != ClockTrust::none) {
    facts.clock = told->trust;
    facts.local_time = local_text(zone, (now + told->utc_minus_boottime_us) / kSecond);
  }
  if (auto active = read_active(paths)) add_active(facts, *active);
  if (const auto audience = read_audience_live(paths, now)) {
    facts.camera = audience->camera;
    facts.camera_quality = audience->quality;
  }
  if (const auto live = read_player_live(paths, now)) {
    (live->label.empty() ? facts.nothing_because : facts.last_error) = live->error;
  }
  return facts;
}

}  // namespace vitrine
