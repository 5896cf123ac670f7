// Plays -> integers: goal_milli and phase of every screen, such that the network's sums are exact.
#pragma once

#include "repair.hpp"

namespace vitrine::plan {

// Fills lines' planned figures, screens, quotas and goal_milli of `plan`, whose lines must stand.
//
// Rounding runs on from screen to screen: each gets the thousandths by which the running sum grew,
// so that a line's sum is right to a thousandth of a play. The phase of a screen is where that sum
// stood, modulo one play: with it the plays due at the end of the planned days, each rounded down
// by its screen, add up to the line's sum rounded down. No screen gets more than a play above its
// fraction, and no daily cap is exceeded.
void fill_quotas(const Problem& problem, const Repaired& repaired, Plan& plan);

}  // namespace vitrine::plan
