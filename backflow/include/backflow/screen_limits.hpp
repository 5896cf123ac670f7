// How much one screen may send, so that a broken or stolen one cannot fill the server's disk or
// keep the others waiting. What is above its limit is not looked at and not acknowledged: the
// screen keeps it and sends it again. A backlog of a month passes; a flood does not. Pure but for
// what it counts.
#pragma once

#include <cstdint>
#include <map>

#include "base/ids.hpp"

namespace vitrine {

class ScreenLimits {
 public:
  static constexpr std::int64_t kPeriodUs = 60'000'000;
  struct Most {
    std::uint64_t batches = 0;  // in a period; 0: as many as it likes
    std::uint64_t bytes = 0;    // in a period; 0: as many as it likes
  };
  explicit ScreenLimits(Most most) : most_(most) {}

  // Whether this one is still within its screen's limits, and counts it then. A screen's period
  // begins with its first message after the last one ended. `now_us`: any clock; one that goes back
  // begins a period.
  bool admits(const ScreenId& device, std::size_t bytes, std::int64_t now_us);

 private:
  struct Used {
    std::int64_t since_us = 0;
    std::uint64_t batches = 0, bytes = 0;
  };
  Most most_;
  std::map<ScreenId, Used> used_;  // registered screens only
};

}  // namespace vitrine
