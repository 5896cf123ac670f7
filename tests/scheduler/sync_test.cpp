#include <doctest/doctest.h>

#include <map>

#include "scheduler/simulate.hpp"
#include "world.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

// A cycle of a minute: 10 s, 20 s, and what is left of it.
void add_cycle(World& world) {
  world.add_campaign(1, 1);
  world.add_house(900);
  world.add_creative(501, 10'000);
  world.add_creative(502, 20'000);
  world.add_creative(503, 5'000);
  world.schedule.sync = SyncGroup{"wall", 60'000, {501, 502, 503}};
}

constexpr std::int64_t kMinute_ms = kNoon * 1'000;

}  // namespace

TEST_CASE("screens of a sync group that start apart show the same at the same millisecond") {
  World world;
  add_cycle(world);
  std::map<std::int64_t, CreativeId> first_screen;
  for (const std::int64_t late : {0, 13'370, 29'998, 59'400}) {
    CAPTURE(late);
    SimulatedScreen screen(world.input.documents, {}, kMinute_ms + late);
    screen.next();  // joins in the middle of a turn
    for (int i = 0; i < 40; ++i) {
      const SimulatedSlot slot = screen.next();
      CHECK(slot.decision.reason == Reason::sync_cycle);
      const std::int64_t in_cycle = slot.utc_ms % 60'000;
      const CreativeId due = in_cycle == 0 ? 501 : in_cycle == 10'000 ? 502 : 503;
      CHECK((in_cycle == 0 || in_cycle == 10'000 || in_cycle == 30'000));
      CHECK(slot.decision.creative == due);
    }
  }
}

TEST_CASE("who joins a cycle in the middle of a turn shows its rest, and it is called cut") {
  World world;
  add_cycle(world);
  world.seam().utc_ms = kMinute_ms + 13'000;
  Decision decision = world.ask();
  CHECK(decision.creative == 502);
  CHECK(decision.length_ms == 20'000);
  CHECK(decision.most_ms == 17'000);
  CHECK(decision.most_cause == CutCause::sync_cycle);
  SUBCASE("a few milliseconds late it is the whole, a little shorter") {
    world.seam().utc_ms = kMinute_ms + 10'016;
    decision = world.ask();
    CHECK(decision.creative == 502);
    CHECK(decision.length_ms == 19'984);
  }
  SUBCASE("a little early the next turn has begun, and is a little longer") {
    world.seam().utc_ms = kMinute_ms + 9'990;
    decision = world.ask();
    CHECK(decision.creative == 502);
    CHECK(decision.length_ms == 20'010);
  }
  SUBCASE("the last creative holds to the end of the cycle") {
    world.seam().utc_ms = kMinute_ms + 30'000;
    decision = world.ask();
    CHECK(decision.creative == 503);
    CHECK(decision.length_ms == 30'000);
  }
}

TEST_CASE("a screen without the file of a turn shows something else and is back for the next") {
  World world;
  add_cycle(world);
  world.input.content.eligible.erase(content_of(502));
  world.seam().utc_ms = kMinute_ms + 10'000;
  const Decision decision = world.ask();
  CHECK(decision.campaign == 1);
  CHECK(decision.most_ms == 20'000);
  world.seam().utc_ms = kMinute_ms + 25'000;  // after its 15 s
  CHECK(world.ask().most_ms == 5'000);
}

TEST_CASE("a turn of a campaign that is open counts as its play; of one that is not, as house") {
  World world;
  Campaign& campaign = world.add_campaign(1, 1);
  world.schedule.sync = SyncGroup{"wall", 20'000, {10, 11}};
  CHECK(world.ask().campaign == 1);
  CHECK(world.ask().kind == PlayKind::play);
  campaign.flights[0].last_day = kMonday - 1;
  CHECK(world.ask().campaign == 0);
  CHECK(world.ask().kind == PlayKind::house);
}

TEST_CASE("without a clock there is no cycle to follow") {
  World world;
  add_cycle(world);
  world.seam().trust = ClockTrust::none;
  CHECK(world.ask().reason == Reason::house_fill);
}
