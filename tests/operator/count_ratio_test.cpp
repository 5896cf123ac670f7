#include "operator/count_ratio.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace vitrine;
using namespace vitrine::op;

namespace {

double odds_of(double p) {
  return p / (1 - p);
}

}  // namespace

TEST_CASE("8 of 10 has Clopper and Pearson's well-known limits") {
  const auto found = count_ratio(8, 2);
  REQUIRE(found.ok());
  CHECK(found->ratio == doctest::Approx(4));
  CHECK(found->low == doctest::Approx(odds_of(0.4439045)).epsilon(1e-5));
  CHECK(found->high == doctest::Approx(odds_of(0.9747893)).epsilon(1e-5));
}

TEST_CASE("where one counted nothing the limits are those of a power") {
  // P(X = 0) = (1 - p)^n.
  const auto none = count_ratio(0, 10);
  REQUIRE(none.ok());
  CHECK(none->ratio == 0);
  CHECK(none->low == 0);
  CHECK(none->high == doctest::Approx(odds_of(1 - std::pow(0.025, 0.1))));
  const auto blind = count_ratio(10, 0);
  REQUIRE(blind.ok());
  CHECK(std::isinf(blind->ratio));
  CHECK(std::isinf(blind->high));
  CHECK(blind->low == doctest::Approx(odds_of(std::pow(0.025, 0.1))));
  CHECK_FALSE(count_ratio(0, 0).ok());
  CHECK_FALSE(count_ratio(-1, 5).ok());
}

TEST_CASE("hand against screen and screen against hand are each other's reciprocal") {
  for (const auto& [hand, screen] : {std::pair{64, 61}, {3, 40}, {1500, 1400}, {1, 1}}) {
    const auto one = count_ratio(hand, screen), other = count_ratio(screen, hand);
    REQUIRE(one.ok());
    REQUIRE(other.ok());
    CHECK(one->low == doctest::Approx(1 / other->high).epsilon(1e-6));
    CHECK(one->high == doctest::Approx(1 / other->low).epsilon(1e-6));
    CHECK(one->low < one->ratio);
    CHECK(one->ratio < one->high);
  }
}

TEST_CASE("for large counts the limits are those of the normal law on the logarithm") {
  const auto found = count_ratio(90'000, 100'000);
  REQUIRE(found.ok());
  const double spread = 1.959964 * std::sqrt(1 / 90'000.0 + 1 / 100'000.0);
  CHECK(found->low == doctest::Approx(0.9 * std::exp(-spread)).epsilon(1e-4));
  CHECK(found->high == doctest::Approx(0.9 * std::exp(spread)).epsilon(1e-4));
}

TEST_CASE("more confidence is a wider interval, and 95 % holds at least as often as it says") {
  const auto narrow = count_ratio(30, 30, 0.5), wide = count_ratio(30, 30, 0.99);
  REQUIRE(narrow.ok());
  REQUIRE(wide.ok());
  CHECK(wide->low < narrow->low);
  CHECK(wide->high > narrow->high);
  // All splits of n counts when the true ratio is 1.5: what the interval covers.
  const int n = 40;
  const double p = 0.6;
  double covered = 0;
  for (int x = 0; x <= n; ++x) {
    const auto found = count_ratio(x, n - x);
    REQUIRE(found.ok());
    if (found->low > 1.5 || found->high < 1.5) continue;
    covered += std::exp(std::lgamma(n + 1.0) - std::lgamma(x + 1.0) - std::lgamma(n - x + 1.0) +
                        x * std::log(p) + (n - x) * std::log(1 - p));
  }
  CHECK(covered >= 0.95);
  CHECK(covered < 0.995);
}
