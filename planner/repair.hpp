// From prices to plays: what the prices give, cut to the rules that they do not keep to the last
// play (competitors, daily caps), cut to the goals, and what is then missing filled in where it is
// worth most.
#pragma once

#include "dual.hpp"

namespace vitrine::plan {

// Plays of one line on each screen of a unit.
struct DayShare {
  std::uint32_t line = 0;
  double plays = 0;  // a screen and day
  double value = 0;  // of these plays, in thousandths of a target impression
};

struct Repaired {
  std::vector<std::vector<DayShare>> units;  // by line
  std::vector<double> delivered;             // per line, in its unit; never above its goal
  double objective = 0;
};

Repaired repair(const Problem& problem, Passes& passes, const Dual& dual, unsigned threads);

}  // namespace vitrine::plan
