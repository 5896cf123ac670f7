#include "time_keeper.hpp"

#include <algorithm>
#include <cstdlib>

#include "platform/log.hpp"
#include "protocol/envelope.hpp"

namespace vitrine {
namespace {

constexpr Micros kFileEvery = 10 * kSecond;
constexpr Micros kFixEvery = 10 * kMinute;
constexpr Micros kSaveEvery = kHour;
// Below this an "estimated error" says more about the estimate than about the clock.
constexpr Micros kLeastError = kMillisecond;
// Two sources may differ by their errors and this before one of them is called wrong: a second of
// leap, smeared by one and not by the other.
constexpr Micros kSlack = kSecond;
// The kernel takes the time spent asleep from an RTC that counts whole seconds.
constexpr Micros kErrorASleep = kSecond;

std::string_view name_of(TimeSource source) {
  switch (source) {
    case TimeSource::none:
      return "none";
    case TimeSource::saved:
      return "saved";
    case TimeSource::rtc:
      return "rtc";
    case TimeSource::ntp:
      return "ntp";
    case TimeSource::beacon:
      return "beacon";
  }
  return "none";
}

TimeSource source_of(const std::string& name) {
  for (const TimeSource one :
       {TimeSource::saved, TimeSource::rtc, TimeSource::ntp, TimeSource::beacon}) {
    if (name == name_of(one)) return one;
  }
  return TimeSource::none;
}

}  // namespace

std::string describe(const ClockState& state, Micros now) {
  if (state.trust == ClockTrust::none) return "unknown";
  return format_utc(floor_div(now + state.utc_minus_boottime_us, kSecond)) + " by " +
         (state.source == "none" ? std::string("the system clock") : state.source) +
         ", to within " + std::to_string(state.error_us / kMillisecond) + " ms";
}

TimeKeeper::TimeKeeper(Setup setup, Outbox& outbox, const Clock& clock)
    : setup_(std::move(setup)),
      outbox_(outbox),
      clock_(clock),
      saved_(read_saved_time(setup_.paths)) {
  if (saved_ && saved_->boot == clock_.boot_id() && saved_->boottime_us <= clock_.boottime()) {
    // How long the machine has slept since is not known here: as if it had, once.
    restored_ = Estimate{TimeSource::saved, saved_->utc_us - saved_->boottime_us,
                         saved_->error_us + kErrorASleep, saved_->boottime_us, slept()};
  }
}

Micros TimeKeeper::slept() const {
  return clock_.boottime() - clock_.monotonic();
}

Micros TimeKeeper::error_now(const Estimate& estimate) const {
  const Micros age = std::max<Micros>(0, clock_.boottime() - estimate.at);
  // The two clocks are not read in one moment, so a little more is no sleep.
  const bool has_slept = slept() - estimate.slept > kSecond;
  return estimate.error + age / 1'000'000 * kDriftPpm + (has_slept ? kErrorASleep : 0);
}

bool TimeKeeper::contradict(const Estimate& one, const Estimate& other) const {
  return std::llabs(one.offset - other.offset) > error_now(one) + error_now(other) + kSlack;
}

Micros TimeKeeper::floor_utc() const {
  return std::max(setup_.built_at_utc, saved_ ? saved_->utc_us : 0);
}

// The estimate to believe, or null. Of two that agree the better one.
const TimeKeeper::Estimate* TimeKeeper::choose() {
  if (ntp_ && beacon_) {
    if (contradict(*ntp_, *beacon_)) {
      if (!quarrel_) {
        const Micros apart = std::llabs(ntp_->offset - beacon_->offset) / kSecond;
        if (auto dropped = outbox_.drop_fixes(clock_.boot_id()); !dropped)
          log_warn("cannot forget wrong time fixes: {}", dropped.error().message);
        if (setup_.notify) {
          setup_.notify("clock-disagreement",
                        "NTP and the backend's signed time are " + std::to_string(apart) +
                            " s apart; going by the signed time, NTP of this network is wrong");
        }
      }
      quarrel_ = true;
      return &*beacon_;
    }
    quarrel_ = false;
    return error_now(*ntp_) <= error_now(*beacon_) ? &*ntp_ : &*beacon_;
  }
  if (ntp_) return &*ntp_;
  if (beacon_) return &*beacon_;
  return restored_ ? &*restored_ : nullptr;
}

ClockState TimeKeeper::measure() {
  ClockState state;
  state.written_at = clock_.boottime();
  const Micros system_offset = clock_.realtime() - state.written_at;
  const auto kernel = setup_.kernel_time();
  if (kernel && kernel->synchronised) {
    ntp_ = Estimate{TimeSource::ntp, system_offset, std::max(kernel->estimated_error, kLeastError),
                    state.written_at, slept()};
  }
  if (const Estimate* best = choose()) {
    state.source = name_of(best->source);
    state.utc_minus_boottime_us = best->offset;
    state.error_us = error_now(*best);
    state.trust = state.error_us <= kTrustedError ? ClockTrust::trusted : ClockTrust::held;
    return state;
  }
  state.source = "none";
  state.utc_minus_boottime_us = system_offset;
  if (clock_.realtime() > floor_utc()) {
    state.trust = ClockTrust::held;
    if (setup_.from_rtc) state.source = "rtc";
    state.error_us = setup_.from_rtc ? kRtcError : kHeldError;
  }
  return state;
}

void TimeKeeper::take_beacon(Micros at, Micros utc_us, Micros error_us) {
  beacon_ = Estimate{TimeSource::beacon, utc_us - at, std::max(error_us, kLeastError), at, slept()};
  tick();
}

bool TimeKeeper::agrees(Micros at, Micros utc_us, Micros error_us) const {
  if (state_.trust != ClockTrust::trusted) return true;
  return std::llabs(utc_us - at - state_.utc_minus_boottime_us) <=
         error_us + state_.error_us + kSlack;
}

void TimeKeeper::tick() {
  const ClockState now = measure();
  const bool changed = !told_ || now.trust != state_.trust || now.source != state_.source;
  const bool moved = fixed_at_ && std::llabs(now.utc_minus_boottime_us - fixed_offset_) >
                                      std::max<Micros>(now.error_us, 100 * kMillisecond);
  if (changed && told_) {
    log_info("the clock is {} now: {}", name_of(now.trust), describe(now, now.written_at));
  } else if (moved && now.trust != ClockTrust::none) {
    log_warn("the clock was moved by {} ms: {}",
             (now.utc_minus_boottime_us - fixed_offset_) / kMillisecond,
             describe(now, now.written_at));
  }
  if (changed || moved || now.written_at - state_.written_at >= kFileEvery) tell(now);
  told_ = true;
  const bool due = !fixed_at_ || changed || moved || now.written_at - *fixed_at_ >= kFixEvery;
  if (now.trust == ClockTrust::none) {
    fixed_at_ = fixed_at_.value_or(now.written_at);
    fixed_offset_ = now.utc_minus_boottime_us;
    return;
  }
  if (due) fix(now);
  save(now);
}

void TimeKeeper::tell(const ClockState& now) {
  if (auto written = write_clock_state(setup_.paths, now); !written)
    log_warn("cannot tell the others the time: {}", written.error().message);
  state_ = now;
}

void TimeKeeper::fix(const ClockState& now) {
  const TimeFix fix{clock_.boot_id(), now.written_at, now.written_at + now.utc_minus_boottime_us,
                    now.error_us, source_of(now.source)};
  if (auto added = outbox_.add_fix(fix); !added)
    log_warn("cannot keep a time fix: {}", added.error().message);
  fixed_at_ = now.written_at;
  fixed_offset_ = now.utc_minus_boottime_us;
}

void TimeKeeper::save(const ClockState& now) {
  if (now.trust != ClockTrust::trusted || now.source == "saved") return;
  const bool fresh = saved_ && saved_->boot == clock_.boot_id();
  const bool wrong =
      fresh && std::llabs(saved_->utc_us - saved_->boottime_us - now.utc_minus_boottime_us) >
                   saved_->error_us + now.error_us + kSlack;
  if (fresh && !wrong && now.written_at - saved_->boottime_us < kSaveEvery) return;
  saved_ = SavedTime{clock_.boot_id(), now.written_at, now.written_at + now.utc_minus_boottime_us,
                     now.error_us};
  if (auto kept = write_saved_time(setup_.paths, *saved_); !kept)
    log_warn("cannot save the time: {}; a restart begins without it", kept.error().message);
}

std::int64_t TimeKeeper::utc_s() const {
  if (state_.trust == ClockTrust::none) return kNoClock;
  return floor_div(clock_.boottime() + state_.utc_minus_boottime_us, kSecond);
}

Micros TimeKeeper::utc_us() const {
  if (state_.trust != ClockTrust::none) return clock_.boottime() + state_.utc_minus_boottime_us;
  return std::max(clock_.realtime(), floor_utc());
}

CertificateTime TimeKeeper::certificate_time() const {
  if (state_.trust != ClockTrust::trusted) return {false, 0};
  return {true, utc_s()};
}

}  // namespace vitrine
