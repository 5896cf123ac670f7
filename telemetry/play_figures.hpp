// How well the picture ran, from the play rows as they are frozen: frames dropped and how late
// plays began. One thread.
#pragma once

#include <deque>
#include <vector>

#include "base/time.hpp"
#include "protocol/play.hpp"
#include "state/health_figures.hpp"

namespace vitrine {

class PlayFigures {
 public:
  // Rows that left the log; those of an earlier boot, or of more than an hour ago, only count.
  void take(const std::vector<PlayRow>& rows, BootId boot, Micros now);
  // frames_due, frames_dropped, frames_dropped_ppm, lateness_p50_ms, lateness_p99_ms
  void add(Micros now, Figures& to);

 private:
  struct Play {
    Micros at = 0;
    std::int64_t due = 0, dropped = 0;
    Micros late = kAbsent;
  };
  void forget(Micros now);
  std::deque<Play> hour_;
  std::int64_t due_ = 0, dropped_ = 0;
};

}  // namespace vitrine
