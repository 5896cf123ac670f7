// When a display's next vblank comes, and how its counter goes on: arithmetic without a device.
#pragma once

#include <cstdint>

#include "base/math.hpp"
#include "base/time.hpp"

namespace vitrine {

// Time from one vblank to the next, in microseconds, as the fraction that it is: a grid of rounded
// periods would slip a frame in some minutes.
struct Refresh {
  std::int64_t numerator = 1, denominator = 1;  // both > 0
  Micros period() const { return numerator / denominator; }
};

// The times of a video mode as EDID states them.
struct ModeTimes {
  std::int64_t clock_khz = 0;  // pixels in a millisecond
  std::int64_t htotal = 0, vtotal = 0;
  std::int64_t scans = 1;   // times each line is scanned out
  bool interlaced = false;  // a vblank follows each half picture
};
// A mode that states no clock or no size counts as 60 Hz.
constexpr Refresh refresh_of(const ModeTimes& mode) {
  if (mode.clock_khz <= 0 || mode.htotal <= 0 || mode.vtotal <= 0) return {kSecond, 60};
  const std::int64_t scans = mode.scans > 1 ? mode.scans : 1;
  return {mode.htotal * mode.vtotal * scans * kMillisecond,
          mode.clock_khz * (mode.interlaced ? 2 : 1)};
}

// The vblanks before and after a known one.
class VblankGrid {
 public:
  constexpr VblankGrid(Micros known, Refresh refresh) : known_(known), refresh_(refresh) {}

  constexpr Micros at_or_after(Micros moment) const {
    const std::int64_t nearest = scaled(moment - known_, refresh_.denominator, refresh_.numerator);
    const Micros at = time_of(nearest);
    return at >= moment ? at : time_of(nearest + 1);
  }
  constexpr Micros at_or_before(Micros moment) const {
    const std::int64_t nearest = scaled(moment - known_, refresh_.denominator, refresh_.numerator);
    const Micros at = time_of(nearest);
    return at <= moment ? at : time_of(nearest - 1);
  }
  // A vblank was seen at `moment`: the grid is counted from there.
  constexpr void seen(Micros moment) { known_ = moment; }

 private:
  constexpr Micros time_of(std::int64_t number) const {
    return known_ + scaled(number, refresh_.numerator, refresh_.denominator);
  }
  static constexpr std::int64_t scaled(std::int64_t value, std::int64_t by, std::int64_t over) {
    return value < 0 ? -mul_div_round(-value, by, over) : mul_div_round(value, by, over);
  }

  Micros known_;
  Refresh refresh_;
};

// The counter after `last` whose low 32 bits an event carries. It rises whatever comes: over the
// wrap, and by one where a driver began to count anew.
constexpr std::uint64_t next_sequence(std::uint64_t last, std::uint32_t wire) {
  const std::uint32_t step = wire - static_cast<std::uint32_t>(last);
  const bool back = step == 0 || step >= 0x8000'0000U;
  return last + (back ? 1 : step);
}

}  // namespace vitrine
