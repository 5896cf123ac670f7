// A flight as the backend sees it: one plan of all days, numbers to the screens, and every night a
// plan of the days left with what the screens told; as `vitrine allocate` makes them.
#pragma once

#include "planner/allocate.hpp"
#include "played.hpp"

namespace vitrine::bench {

struct Nightly {
  std::int64_t days = 1;
  bool resolve = true;      // false: the first plan's numbers hold to the end
  double precision = 1e-4;  // of the bound
  unsigned threads = 2;
};

// Plays all days on `played`, whose screens have no numbers yet. Returns the first plan.
Result<plan::Plan> play_flight(const plan::Network& network, PlayedNetwork& played,
                               const Nightly& options);

}  // namespace vitrine::bench
