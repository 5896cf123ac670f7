// How many plays are due: one function for planner and scheduler (docs/contracts.md, "Quota").
#pragma once

#include <cstdint>
#include <vector>

namespace vitrine {

// floor((sum of goal_milli[0..day] + phase) / 1000): plays due by the end of that day of the
// flight. Days past the end count as 0; a negative day is before the flight and owes nothing.
// `phase` 0..999 shares fractions over the network, so that 0.1 play a screen sums exactly.
std::int64_t quota_due(const std::vector<std::uint32_t>& goal_milli, std::uint16_t phase,
                       std::int64_t day);

}  // namespace vitrine
