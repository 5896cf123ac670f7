// Plays x presence intervals -> sums. Pure: the same intervals and plays give the same rows,
// however the hour is cut.
#pragma once

#include <vector>

#include "base/time.hpp"
#include "protocol/exposure.hpp"

namespace vitrine {

// One anonymous track in the exposure zone, half-open, CLOCK_BOOTTIME.
struct PresenceInterval {
  std::uint64_t track = 0;
  Micros from = 0;
  Micros until = 0;
};

// A span in which frames were valid; everything outside is blind and counts as coverage lost, never
// as zero people.
struct CoveredSpan {
  Micros from = 0;
  Micros until = 0;
};

struct Crossing {
  Micros at = 0;
  int direction = 0;  // +1 in, -1 out
};

struct Timeline {
  std::vector<PresenceInterval> presence;
  std::vector<CoveredSpan> covered;
  std::vector<Crossing> crossings;
  Quality quality = Quality::none;
  Method method = Method::none;
  Hash256 model{};
};

// Sums over [from, until). With quality flow, ots, first_exposed, viewers and attention stay
// absent: motion blobs are not people, and standing people fade. person_ms is reported for every
// quality but none. All-blind gives quality none.
ExposureRow expose(const Timeline& timeline, LogId play_log, std::uint64_t play_seq, Micros from,
                   Micros until);
// The same sums for one minute.
FlowRow flow_of(const Timeline& timeline, Micros from, Micros until);

}  // namespace vitrine
