#include "player/leaves_after_item.hpp"

#include <doctest/doctest.h>

using namespace vitrine;

namespace {

struct Endless final : Programme {
  std::optional<PlannedItem> next(Micros) override {
    PlannedItem item;
    item.ticket = ++asked;
    return item;
  }
  void starting(const PlannedItem&) override {}
  void shown(const PlannedItem&, const PlayFigures&) override {}
  void progress(const PlannedItem&, const PlayFigures&) override {}
  void ended(const PlannedItem&, const PlayFigures&) override { ++ends; }
  std::uint64_t asked = 0;
  int ends = 0;
};

}  // namespace

TEST_CASE("a player asked to leave begins nothing new and stops when the last item has ended") {
  Endless endless;
  int stops = 0;
  LeavesAfterItem leaving(endless, [&] { ++stops; });
  const auto on_the_glass = leaving.next(0);
  const auto behind_it = leaving.next(1);
  REQUIRE(behind_it.has_value());
  leaving.ask();
  CHECK_FALSE(leaving.next(2).has_value());
  leaving.ended(*on_the_glass, {});
  CHECK(stops == 0);
  leaving.ended(*behind_it, {});
  CHECK(stops == 1);
  CHECK(endless.ends == 2);
}

TEST_CASE("a player that shows nothing leaves at once") {
  Endless endless;
  int stops = 0;
  LeavesAfterItem leaving(endless, [&] { ++stops; });
  leaving.ask();
  CHECK_FALSE(leaving.next(0).has_value());
  CHECK(stops == 1);
}
