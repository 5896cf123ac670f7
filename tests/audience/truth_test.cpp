// How crossings found are held against true ones.
#include "truth.hpp"

#include <doctest/doctest.h>

using namespace vitrine;

TEST_CASE("found crossings are matched one to one, by direction, as many as go") {
  const std::vector<TrueCrossing> truth{{10, 1}, {10.5, 1}, {20, -1}, {30, 1}};
  const Match found = match(truth, {{10.2, 1}, {10.9, 1}, {20.1, 1}, {31.5, 1}, {10.4, 1}});
  CHECK(found.hits == 2);
  CHECK(found.missed == 2);
  CHECK(found.false_alarms == 3);
}

TEST_CASE("the nearest pair is not made where that leaves another crossing without one") {
  const std::vector<TrueCrossing> truth{{64.5, -1}, {64.8, -1, 1.4}};
  CHECK(match(truth, {{64.7, -1}, {65.8, -1}}).hits == 2);
}
