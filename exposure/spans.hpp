// Spans of time on a grid of whole milliseconds. Every edge is rounded down before anything is
// subtracted, so the parts of a span always add up to the whole, wherever it is cut and however
// long ago the other cut was made.
#pragma once

#include <vector>

#include "exposure/exposure.hpp"

namespace vitrine::spans {

struct Span {
  std::int64_t from_ms = 0;
  std::int64_t until_ms = 0;
};

constexpr std::int64_t to_ms(Micros at) {
  return floor_div(at, kMillisecond);
}

// The covered spans inside [from, until), ascending, without overlap.
std::vector<Span> covered(const Timeline& timeline, Micros from, Micros until);
std::int64_t length_ms(const std::vector<Span>& spans);
// How much of the interval lies in the covered spans: what was seen while blind does not count.
std::int64_t overlap_ms(const PresenceInterval& interval, const std::vector<Span>& covered);
// Rounded down: 1000 means the whole of [from, until).
std::int64_t coverage_permille(std::int64_t covered_ms, Micros from, Micros until);

constexpr bool within(Micros at, Micros from, Micros until) {
  return from <= at && at < until;
}

}  // namespace vitrine::spans
