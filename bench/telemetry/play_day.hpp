// A day of one screen as its player would have logged it: what the scheduler decides, shown on a
// 59.94 Hz display.
#pragma once

#include <cstdint>
#include <vector>

#include "protocol/batch.hpp"

namespace vitrine::bench {

struct PlayDay {
  std::vector<PlayRow> plays;  // chained from the start of the log
  std::vector<ExposureRow> exposures;
  TimeFix fix;
};

// 24 creatives of 15 s in rotation by weight, three in four videos of 25 or 30 frames a second, the
// others stills. Flips come on vblanks and are stamped to within 60 us; one play in a hundred drops
// frames, one in two hundred is cut. The same seed gives the same day.
PlayDay play_day(std::uint64_t seed);

}  // namespace vitrine::bench
