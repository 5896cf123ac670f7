// What this device knows of UTC: run/telemetry/clock for the other daemons, time fixes for the
// backend.
#pragma once

#include <functional>
#include <optional>

#include "outbox.hpp"
#include "platform/clock.hpp"
#include "state/live.hpp"

namespace vitrine {

// The clock of a device without synchronisation counts as held when it is later than this build,
// and then to within a minute: a 20 ppm crystal left alone for a month. Nobody vouches for it, so
// its source stays `none`.
inline constexpr Micros kHeldError = 60 * kSecond;

class TimeKeeper {
 public:
  using KernelTime = std::function<Result<KernelTimeState>()>;
  TimeKeeper(const StatePaths& paths, Outbox& outbox, const Clock& clock, Micros built_at_utc,
             KernelTime kernel_time = read_kernel_time_state);

  // Writes the clock file every 10 s and at a change; a fix every 10 minutes, when trust changes,
  // and when the wall clock was stepped by more than the error stated for it.
  void tick();

  ClockTrust trust() const { return state_.trust; }
  // Seconds since 1970, or kNoClock while the clock means nothing.
  std::int64_t utc_s() const;

 private:
  ClockState measure() const;
  StatePaths paths_;
  Outbox& outbox_;
  const Clock& clock_;
  Micros built_at_utc_;
  KernelTime kernel_time_;
  ClockState state_;
  std::optional<Micros> fixed_at_;  // CLOCK_BOOTTIME of the newest fix
  std::int64_t fixed_offset_ = 0;
};

}  // namespace vitrine
