// How often the detector may look. It starts as fast as is wanted and slows down to the processor
// time that it gets and may take; how few looks are too few to count anybody is presence.hpp's
// business.
#pragma once

#include <optional>

#include "base/time.hpp"

namespace vitrine {

struct PaceOptions {
  Micros period = 0;         // between two looks; 0 = every frame
  Micros longest = kSecond;  // slower it never gets, whatever a look costs
  double most_cpu = 0.6;     // of one core
  double most_time = 0.8;    // of the time, waiting for the processor included
};

struct LookCost {
  Micros cpu = 0;   // of the thread
  Micros wall = 0;  // from the begin of the look to its end
};

class Pace {
 public:
  explicit Pace(const PaceOptions& options) : options_(options), period_(options.period) {}

  // Whether the frame captured at `at` (rising) is to be looked at. Frames come when they come: the
  // mean keeps the period, not each distance.
  bool due(Micros at);
  void spent(const LookCost& cost);  // what that look cost
  Micros period() const { return period_; }

 private:
  PaceOptions options_;
  Micros period_;
  std::optional<Micros> due_;
  std::optional<LookCost> mean_;  // of the last looks, the newest an eighth
};

}  // namespace vitrine
