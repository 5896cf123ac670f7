#include "scheduler/standing.hpp"

#include <doctest/doctest.h>

#include "scheduler/scheduler.hpp"
#include "scheduler/simulate.hpp"
#include "world.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

Standings standings_of(const World& world) {
  Scheduler scheduler(world.input.zone);
  scheduler.use(world.input.documents);
  scheduler.use(world.input.content);
  scheduler.remember(world.input.history);
  return scheduler.standings(world.input.question);
}

}  // namespace

TEST_CASE("standings count what was had, by the day, the hour and the rules") {
  World world;
  world.add_campaign(1, 1);
  world.schedule.campaigns[0].rules.separation_s = 120;
  world.schedule.campaigns[0].rules.hourly_cap = 9;
  world.schedule.campaigns[0].rules.daily_cap = 50;
  world.add_campaign(2, 1);
  world.schedule.campaigns[1].flights[0].last_day = kMonday - 1;
  world.remember(1, 10);
  world.pass(3'600);
  world.remember(1, 11);
  world.pass(40);
  const Standings standings = standings_of(world);
  REQUIRE(standings.previous);
  CHECK(standings.previous->creative == 11);
  REQUIRE(standings.campaigns.size() == 2);
  const Standing& first = standings.campaigns[0];
  CHECK(first.open);
  CHECK(first.today == 2);
  CHECK(first.this_hour == 1);
  CHECK(first.hourly_cap == 9);
  CHECK(first.daily_cap == 50);
  CHECK(first.since_last == 40 * kSecond);
  CHECK_FALSE(first.by_quota);
  const Standing& second = standings.campaigns[1];
  CHECK_FALSE(second.open);
  CHECK(second.hourly_cap == kAbsent);
  CHECK(second.since_last == kAbsent);
}

TEST_CASE("standings of a quota name the plays of the day and the hour and the next turn") {
  World world;
  world.add_campaign(1, 1);
  world.add_house(900);
  // 48 plays over the twelve hours that are left of the day: four an hour, a quarter each.
  world.numbers.campaigns = {{1, kMonday, {48'000}, 0, 0, Arm::none, {}}};
  world.input.documents.numbers = &world.numbers;
  world.step();
  const Standing standing = standings_of(world).campaigns[0];
  CHECK(standing.by_quota);
  CHECK(standing.due_today == 48);
  CHECK(standing.today == 1);
  CHECK(standing.hour_plays == 4);
  CHECK(standing.hour_had == 1);
  CHECK(standing.opens_utc_ms == (kNoon + 900) * 1'000);
  CHECK(standing.closes_utc_ms == (kNoon + 1'800) * 1'000);
}

TEST_CASE("a simulated screen says why, before it plays on, as decide() would have") {
  World world;
  for (CampaignId id = 1; id <= 3; ++id) world.add_campaign(id, id);
  world.schedule.campaigns[0].rules.separation_s = 100;
  world.add_house(900);
  SimulatedScreen screen(world.input.documents, world.input.zone, world.seam().utc_ms);
  world.seam().boottime = world.seam().utc_ms * kMillisecond;
  for (int slot = 0; slot < 200; ++slot) {
    const SimulatedSlot simulated = screen.next();
    const auto why_not = screen.why_not();
    const Explained explained = world.step_explained();
    REQUIRE(simulated.decision.creative == explained.decision.creative);
    REQUIRE(why_not.size() == explained.rejections.size());
    for (std::size_t i = 0; i < why_not.size(); ++i)
      REQUIRE(why_not[i].reason == explained.rejections[i].reason);
    REQUIRE(screen.standings().campaigns.size() == 3);
  }
}

TEST_CASE("a simulated screen plays a file of no stated length as long as it was measured") {
  World world;
  world.schedule.house = {world.add_creative(900, 0)};
  SimulatedScreen screen(world.input.documents, world.input.zone, world.seam().utc_ms);
  CHECK(screen.next().length_ms == 10'000);
  world.input.content.length_ms[content_of(900)] = 7'300;
  screen.replace(world.input.content);
  CHECK(screen.next().length_ms == 7'300);
}

TEST_CASE("a simulated screen goes on from what was played before") {
  World world;
  world.add_campaign(1, 1);
  world.schedule.campaigns[0].rules.daily_cap = 3;
  world.add_house(900);
  SimulatedScreen screen(world.input.documents, world.input.zone, world.seam().utc_ms);
  History history;
  history.tally = {{1, 10, kMonday, 2}};
  screen.remember(history);
  int plays = 0;
  for (int slot = 0; slot < 100; ++slot) plays += screen.next().decision.campaign == 1 ? 1 : 0;
  CHECK(plays == 1);
}
