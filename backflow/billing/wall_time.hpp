// Wall time of a moment of one boot, from the fixes that the screen sent (docs/contracts.md, "Wall
// time of a play"). Pure: the same fixes give the same answer whatever their order, and however
// often each of them came.
#pragma once

#include <vector>

#include "protocol/batch.hpp"
#include "protocol/bill.hpp"

namespace vitrine::billing {

// A crystal that is no worse than this, and a kernel that slews no faster.
inline constexpr std::int64_t kDriftPpm = 50;

// One boot's fixes. Immutable once made, so any number of threads may ask.
class WallClock {
 public:
  WallClock() = default;
  // Fixes of one boot. Those that cannot be (a time before 2020 or after 2100, a negative error or
  // one of more than a year) are left out; `refused()` counts them.
  explicit WallClock(std::vector<TimeFix> fixes);

  // `boottime_us`: CLOCK_BOOTTIME of that boot. Between two fixes the offset is interpolated;
  // outside it is that of the nearest good one. The error is the fix's own plus 50 ppm of the
  // distance to it. Fixes by NTP or beacon speak before the screen's own clock, which is what all
  // other sources are (`none`: it was later than anything known, and nobody vouched for it); where
  // there are only such the quality is at most `held`.
  WallTime at(std::int64_t boottime_us) const;
  std::size_t refused() const { return refused_; }

 private:
  std::vector<TimeFix> fixes_;       // by boottime, all trusted or all held
  std::vector<std::size_t> before_;  // of fixes_[0..i] the one that is best for whatever is later
  std::vector<std::size_t> after_;   // of fixes_[i..] the one that is best for what is earlier
  std::size_t refused_ = 0;
  bool trusted_ = false;
};

}  // namespace vitrine::billing
