// The prices: one a line, at which what the cells give away is what was sold.
#pragma once

#include <functional>

#include "pass.hpp"

namespace vitrine::plan {

struct Dual {
  std::vector<double> prices;  // of a unit of the line's goal
  double softness = 0;         // at which they were found; the plan is made with the same
  double bound = 0;            // no plan is worth more
};

// Minimises the dual. The jump of each cell from nothing to its cap is softened, which makes the
// dual smooth: Newton's method then needs few passes; the softness is halved and halved again until
// what it can cost is below options.precision. The bound is taken without any softness.
//
// `aim`, where there is one, is shown each pass that ends a softness; it may then move the goals of
// `problem` and say how far they were off, as a part of them, and is shown another.
using Aim = std::function<double(const Pass&)>;
Dual solve_dual(const Problem& problem, Passes& passes, const AllocateOptions& options,
                const Aim& aim = {});

}  // namespace vitrine::plan
