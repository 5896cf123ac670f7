#include "rotation.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

using namespace vitrine;

TEST_CASE("two creatives in rotation are never more than half a turn from their weights") {
  for (const auto& weights : std::vector<std::vector<std::int64_t>>{{1, 1}, {19, 1}, {7, 4}}) {
    std::int64_t first = 0;
    const std::int64_t whole = weights[0] + weights[1];
    for (std::int64_t n = 1; n <= 500; ++n) {
      first += rotation(weights, n - 1) == 0 ? 1 : 0;
      REQUIRE(2 * std::abs(first * whole - n * weights[0]) <= whole);
    }
  }
}

TEST_CASE(
    "however many creatives a rotation has, each stays within a turn and a half of its weight") {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::int64_t> weights(1 + random() % 20);
    for (auto& weight : weights) weight = 1 + random() % (round % 2 == 0 ? 10 : 10'000);
    std::sort(weights.begin(), weights.end(), std::greater<>());
    std::int64_t whole = 0;
    for (const auto weight : weights) whole += weight;
    std::vector<std::int64_t> had(weights.size());
    for (std::int64_t n = 1; n <= 400; ++n) {
      ++had[rotation(weights, n - 1)];
      for (std::size_t i = 0; i < weights.size(); ++i) {
        REQUIRE(2 * std::abs(had[i] * whole - n * weights[i]) < 3 * whole);
      }
    }
  }
}

TEST_CASE("a creative without weight has no turn, unless none has any") {
  for (std::int64_t n = 0; n < 50; ++n) {
    CHECK(rotation(std::vector<std::int64_t>{3, 2, 0}, n) < 2);
    CHECK(rotation(std::vector<std::int64_t>{0, 0, 0}, n) == static_cast<std::size_t>(n % 3));
  }
}
