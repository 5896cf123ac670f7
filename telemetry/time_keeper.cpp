#include "time_keeper.hpp"

#include <algorithm>
#include <cstdlib>

#include "platform/log.hpp"
#include "protocol/envelope.hpp"

namespace vitrine {
namespace {

constexpr Micros kFileEvery = 10 * kSecond;
constexpr Micros kFixEvery = 10 * kMinute;
// Below this an "estimated error" says more about the estimate than about the clock.
constexpr Micros kLeastError = kMillisecond;

}  // namespace

TimeKeeper::TimeKeeper(const StatePaths& paths, Outbox& outbox, const Clock& clock,
                       Micros built_at_utc, KernelTime kernel_time)
    : paths_(paths),
      outbox_(outbox),
      clock_(clock),
      built_at_utc_(built_at_utc),
      kernel_time_(std::move(kernel_time)) {}

ClockState TimeKeeper::measure() const {
  ClockState state;
  state.written_at = clock_.boottime();
  state.utc_minus_boottime_us = clock_.realtime() - state.written_at;
  state.source = "none";
  const auto kernel = kernel_time_();
  if (kernel && kernel->synchronised) {
    state.trust = ClockTrust::trusted;
    state.error_us = std::max(kernel->estimated_error, kLeastError);
    state.source = "ntp";
  } else if (clock_.realtime() > built_at_utc_) {
    state.trust = ClockTrust::held;
    state.error_us = kHeldError;
  }
  return state;
}

void TimeKeeper::tick() {
  const ClockState now = measure();
  const bool trust_changed = !fixed_at_ || now.trust != state_.trust;
  const bool stepped = fixed_at_ && std::llabs(now.utc_minus_boottime_us - fixed_offset_) >
                                        std::max<Micros>(now.error_us, 100 * kMillisecond);
  if (trust_changed || stepped || now.written_at - state_.written_at >= kFileEvery) {
    if (auto written = write_clock_state(paths_, now); !written) {
      log_warn("cannot tell the others the time: {}", written.error().message);
    }
    state_ = now;
  }
  if (now.trust == ClockTrust::none) {
    fixed_at_ = fixed_at_.value_or(now.written_at);
    fixed_offset_ = now.utc_minus_boottime_us;
    return;
  }
  if (!trust_changed && !stepped && now.written_at - *fixed_at_ < kFixEvery) return;
  const TimeSource source = now.trust == ClockTrust::trusted ? TimeSource::ntp : TimeSource::none;
  const TimeFix fix{clock_.boot_id(), now.written_at, now.written_at + now.utc_minus_boottime_us,
                    now.error_us, source};
  if (auto added = outbox_.add_fix(fix); !added)
    log_warn("cannot keep a time fix: {}", added.error().message);
  fixed_at_ = now.written_at;
  fixed_offset_ = now.utc_minus_boottime_us;
}

std::int64_t TimeKeeper::utc_s() const {
  return state_.trust == ClockTrust::none ? kNoClock : floor_div(clock_.realtime(), kSecond);
}

}  // namespace vitrine
