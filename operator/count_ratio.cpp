#include "operator/count_ratio.hpp"

#include <cmath>
#include <limits>

namespace vitrine::op {
namespace {

constexpr std::int64_t kMostCounted = 1'000'000;

// P(X >= x) of X ~ Binomial(n, p), for 1 <= x <= n and 0 < p < 1. Summed from x away from the mean
// or, where that is on the other side, its complement: terms then only fall.
double at_least(std::int64_t x, std::int64_t n, double p) {
  const auto term = [&](std::int64_t k) {
    const auto of = static_cast<double>(n), at = static_cast<double>(k);
    return std::exp(std::lgamma(of + 1) - std::lgamma(at + 1) - std::lgamma(of - at + 1) +
                    at * std::log(p) + (of - at) * std::log1p(-p));
  };
  const bool upwards = static_cast<double>(x) > static_cast<double>(n) * p;
  double sum = 0;
  for (std::int64_t k = upwards ? x : x - 1; k >= 0 && k <= n; k += upwards ? 1 : -1) {
    const double added = term(k);
    sum += added;
    if (added < 1e-18 * sum) break;
  }
  return upwards ? sum : 1 - sum;
}

// The p at which P(X >= x) is `tail`; it rises with p.
double solve(std::int64_t x, std::int64_t n, double tail) {
  double low = 0, high = 1;
  while (true) {
    const double middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    (at_least(x, n, middle) < tail ? low : high) = middle;
  }
}

double odds(double p) {
  return p < 1 ? p / (1 - p) : std::numeric_limits<double>::infinity();
}

}  // namespace

Result<CountRatio> count_ratio(std::int64_t hand, std::int64_t screen, double confidence) {
  if (hand < 0 || screen < 0 || hand > kMostCounted || screen > kMostCounted || confidence <= 0 ||
      confidence >= 1) {
    return fail(ErrorCode::invalid, "counts are 0 to 1000000, confidence lies between 0 and 1");
  }
  const std::int64_t n = hand + screen;
  if (n == 0) return fail(ErrorCode::invalid, "nobody was counted, by hand or by the screen");
  const double tail = (1 - confidence) / 2;
  CountRatio found;
  found.ratio = screen > 0 ? static_cast<double>(hand) / static_cast<double>(screen)
                           : std::numeric_limits<double>::infinity();
  found.low = hand == 0 ? 0 : odds(solve(hand, n, tail));
  found.high = odds(screen == 0 ? 1 : solve(hand + 1, n, 1 - tail));
  return found;
}

}  // namespace vitrine::op
