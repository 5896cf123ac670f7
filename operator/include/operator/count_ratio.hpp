// Two counts of the same stretch of time, compared.
#pragma once

#include <cstdint>

#include "base/result.hpp"

namespace vitrine::op {

struct CountRatio {
  double ratio = 0;  // hand / screen
  double low = 0;    // of the interval
  double high = 0;   // infinite where the screen counted nothing
};

// `hand` / `screen` with the exact conditional interval of a ratio of two Poisson rates: given
// their sum n, the one count is binomial with p = ratio / (1 + ratio) (J. Przyborowski and H.
// Wilenski, Biometrika 31, 1940), and for p the interval is Clopper and Pearson's (Biometrika 26,
// 1934), which holds at least as often as it says. It takes the counts for independent; two counts
// of the same people are not, and vary less against each other, so the interval errs on the wide
// side. Counts 0..1,000,000, confidence between 0 and 1. `invalid`: nothing was counted by either.
Result<CountRatio> count_ratio(std::int64_t hand, std::int64_t screen, double confidence = 0.95);

}  // namespace vitrine::op
