#include "operator/sample.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace vitrine;

TEST_CASE("every moment draws all screens in an order of its own, and revoked ones never") {
  Registry registry;
  for (int i = 0; i < 40; ++i) {
    RegisteredScreen screen;
    screen.screen = "lobby-" + std::to_string(i);
    screen.revoked = i % 10 == 0;
    registry.screens.push_back(screen);
  }
  std::set<ScreenId> first;
  for (std::int64_t moment = 0; moment < 400; ++moment) {
    const auto drawn = op::drawn_screens(registry, moment);
    REQUIRE(drawn.size() == 36);
    CHECK(std::set<ScreenId>(drawn.begin(), drawn.end()).size() == 36);
    CHECK(drawn == op::drawn_screens(registry, moment));
    first.insert(drawn.front());
  }
  // Each comes to the front about eleven times in four hundred.
  CHECK(first.size() == 36);
  CHECK_FALSE(first.contains("lobby-10"));
}
