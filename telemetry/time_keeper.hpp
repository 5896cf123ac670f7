// What this device knows of UTC: run/telemetry/clock for the other daemons, time fixes for the
// backend. The system clock is read and never set, so what is told here holds even where the system
// clock says 1970.
//
// Sources, and what each is worth:
//   beacon  the ingest's signed answer to a birth of this link            trusted
//   ntp     the kernel says that its clock is synchronised (adjtimex)      trusted
//   saved   one of the two, before telemetry was restarted in this boot    trusted
//   rtc     the system clock, which the kernel took from an RTC            held
//   none    the system clock, when it is later than anything known         held
// A trusted time is a fixed distance from CLOCK_BOOTTIME, so neither a step of the system clock nor
// a sleeping machine moves it; its error grows by kDrift, and once it passes kTrustedError the same
// time is only held. Where beacon and NTP contradict each other the beacon wins: it is signed, NTP
// on a shop's network is anybody's word. One thread.
#pragma once

#include <functional>
#include <optional>

#include "outbox.hpp"
#include "platform/clock.hpp"
#include "platform/tls.hpp"
#include "state/live.hpp"
#include "state/saved_time.hpp"

namespace vitrine {

// A system clock that nobody vouches for counts as right to within a minute: a 20 ppm crystal left
// alone for a month.
inline constexpr Micros kHeldError = 60 * kSecond;
// An RTC runs on the same kind of crystal, but nobody knows since when it was last set: half a year
// of 20 ppm, longer than a screen lies in a warehouse as a rule.
inline constexpr Micros kRtcError = 5 * kMinute;
// How fast a clock that is left alone may go wrong, parts in a million: 20 as sold, and as much
// again for heat and age, and some.
inline constexpr Micros kDriftPpm = 50;
// More than this and a play could be billed to the wrong minute (docs/contracts.md, "Wire").
inline constexpr Micros kTrustedError = 60 * kSecond;

class TimeKeeper {
 public:
  using Notify = std::function<void(const std::string& code, const std::string& text)>;
  struct Setup {
    StatePaths paths;
    Micros built_at_utc = 0;
    std::function<Result<KernelTimeState>()> kernel_time = read_kernel_time_state;
    bool from_rtc = false;  // clock_came_from_rtc() at start
    Notify notify = {};     // hears of sources that disagree
  };
  TimeKeeper(Setup setup, Outbox& outbox, const Clock& clock);

  // Writes the clock file every 10 s and at a change; a fix every 10 minutes, when trust or source
  // changes, and when the told time was moved by more than its error; the saved time once an hour.
  void tick();

  // A beacon that has been verified: `utc_us` was the time at CLOCK_BOOTTIME `at`, to within
  // `error_us`.
  void take_beacon(Micros at, Micros utc_us, Micros error_us);

  ClockTrust trust() const { return state_.trust; }
  const ClockState& state() const { return state_; }
  // Seconds since 1970, or kNoClock while the clock means nothing.
  std::int64_t utc_s() const;
  // The best guess there is, to date what stays on this device: never before the build or the
  // newest time that was ever trusted.
  Micros utc_us() const;
  // Only a trusted clock can say that a certificate is too old or too new.
  CertificateTime certificate_time() const;
  // May `utc_us` at `at` be true, as far as is known? Yes, while nothing is trusted.
  bool agrees(Micros at, Micros utc_us, Micros error_us) const;

 private:
  struct Estimate {
    TimeSource source = TimeSource::none;
    Micros offset = 0;  // UTC less CLOCK_BOOTTIME
    Micros error = 0;   // at `at`
    Micros at = 0;      // CLOCK_BOOTTIME
    Micros slept = 0;   // CLOCK_BOOTTIME less CLOCK_MONOTONIC, then
  };
  Micros slept() const;
  Micros error_now(const Estimate& estimate) const;
  bool contradict(const Estimate& one, const Estimate& other) const;
  const Estimate* choose();
  ClockState measure();
  void tell(const ClockState& now);
  void fix(const ClockState& now);
  void save(const ClockState& now);
  Micros floor_utc() const;

  Setup setup_;
  Outbox& outbox_;
  const Clock& clock_;
  std::optional<SavedTime> saved_;
  std::optional<Estimate> ntp_, beacon_, restored_;
  bool quarrel_ = false;  // beacon and NTP contradict each other, and it has been said
  ClockState state_;
  bool told_ = false;
  std::optional<Micros> fixed_at_;  // CLOCK_BOOTTIME of the newest fix
  std::int64_t fixed_offset_ = 0;
};

// "2026-11-25T02:58:27Z by ntp, to within 2 ms", for log lines and the status page.
std::string describe(const ClockState& state, Micros now);

}  // namespace vitrine
