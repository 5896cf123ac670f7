// The keeper's view of the moment: which clock to believe, who stands before the screen, what is
// published.
#include <algorithm>

#include "player/keeper.hpp"
#include "protocol/envelope.hpp"

namespace vitrine {
namespace {

// Telemetry writes its clock file again and again; silent for this long it counts as dead.
constexpr Micros kClockMaxAge = 3 * kMinute;
constexpr std::int64_t kWindowMs = 15 * 60 * 1000;  // of the live audience figures
constexpr std::int64_t kUnknownQ4 = 16;

}  // namespace

KnownClock Keeper::read_clock() const {
  const Micros now = setup_.clock.boottime();
  if (const auto told = read_clock_state(setup_.paths)) {
    if (told->written_at <= now && now - told->written_at <= kClockMaxAge) {
      return {told->trust, told->utc_minus_boottime_us};
    }
  }
  // Without telemetry the system clock is held to be right, unless it is earlier than a document
  // already in force.
  const Micros wall = setup_.clock.realtime();
  if (wall <= newest_iat_ * kSecond) return {};
  return {ClockTrust::held, wall - now};
}

std::int64_t Keeper::now_utc_s() const {
  const KnownClock clock = read_clock();
  return clock.trust == ClockTrust::none ? kNoClock : clock.utc_s(setup_.clock.boottime());
}

// docs/contracts.md, "Rows": live_q4 = round(16 x observed mean audience / the profile's), 8..32.
std::uint32_t Keeper::read_live_q4(const KnownClock& clock) const {
  const auto& documents = in_force();
  if (!documents || !documents->profile || clock.trust == ClockTrust::none) return kUnknownQ4;
  if (documents->settings.experiment || documents->schedule.sync) return kUnknownQ4;
  const Micros now = setup_.clock.boottime();
  const auto live = read_audience_live(setup_.paths, now);
  if (!live || live->quality != Quality::people) return kUnknownQ4;
  if (live->covered_ms_15min * 10 < kWindowMs * 9 || live->person_ms_15min < 0) return kUnknownQ4;
  const LocalTime local = local_time(setup_.zone, clock.utc_s(now));
  const ProfileHour& hour =
      documents->profile->hours[static_cast<std::size_t>(local.hour_of_week())];
  const std::int64_t expected_milli = std::int64_t{hour.footfall} * hour.dwell_ms / 3'600;
  if (expected_milli == 0) return kUnknownQ4;
  const std::int64_t observed_milli =
      mul_div_round(live->person_ms_15min, 1'000, live->covered_ms_15min);
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(mul_div_round(observed_milli, 16, expected_milli), 8, 32));
}

// Verdicts and files are looked at once a second, and at once for new documents.
const WatchedContent& Keeper::content_of_inputs(const PlayInputs& inputs) {
  const Micros now = setup_.clock.boottime();
  const bool fresh = content_looked_at_ != kAbsent && now - content_looked_at_ < kSecond;
  if (fresh && content_for_ == inputs.documents && content_takeover_ == inputs.takeover)
    return content_found_;
  const auto files_of = [](const auto& document) {
    return content_of(document.creatives, document.content);
  };
  std::vector<ContentItem> wanted;
  if (inputs.documents) wanted = files_of(inputs.documents->schedule);
  if (inputs.takeover) {
    const auto more = files_of(inputs.takeover->takeover);
    wanted.insert(wanted.end(), more.begin(), more.end());
  }
  content_found_ = content_.look(wanted);
  if (confirmed_) {  // what a trial that fails falls back to is not hashed again
    const auto more = files_of(confirmed_->schedule);
    wanted.insert(wanted.end(), more.begin(), more.end());
  }
  content_.keep_only(wanted);
  content_for_ = inputs.documents;
  content_takeover_ = inputs.takeover;
  content_looked_at_ = now;
  return content_found_;
}

void Keeper::publish() {
  auto inputs = std::make_shared<PlayInputs>();
  inputs->documents = in_force();
  inputs->takeover = takeover_;
  inputs->content = content_of_inputs(*inputs);
  inputs->clock = read_clock();
  inputs->live_q4 = read_live_q4(inputs->clock);
  if (setup_.restrict && !trying_) setup_.restrict(*inputs);
  setup_.board.publish(std::move(inputs));
}

}  // namespace vitrine
