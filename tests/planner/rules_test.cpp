#include <doctest/doctest.h>

#include "network_kit.hpp"
#include "open_time.hpp"

using namespace vitrine;
using namespace vitrine::plan;
using namespace vitrine::testing;

namespace {

Network one_hour() {  // 60 slots
  Random random(7);
  Network network;
  network.profiles[1] = profile(1, random);
  add_screen(network, 1, 8, 9);
  return network;
}

std::int64_t planned_plays(const Network& network, std::size_t line) {
  const auto plan = allocate(network, {kMonday, kMonday, 1, 1e-4});
  REQUIRE_MESSAGE(plan.ok(), plan.error().message);
  return plan->lines[line].planned_plays_milli;
}

}  // namespace

TEST_CASE("an hour holds what separation, hourly cap and the open minutes leave") {
  const auto most = [](auto rule) {
    Network network = one_hour();
    Campaign made = campaign(1);
    rule(made);
    sell(network, made, 1'000);
    return planned_plays(network, 0);
  };
  CHECK(most([](Campaign&) {}) == 60'000);
  CHECK(most([](Campaign& c) { c.rules.separation_s = 600; }) == 6'000);
  CHECK(most([](Campaign& c) { c.rules.separation_s = 7'200; }) == 500);
  CHECK(most([](Campaign& c) { c.rules.hourly_cap = 7; }) == 7'000);
  CHECK(most([](Campaign& c) { c.rules.daily_cap = 5; }) == 5'000);
  CHECK(most([](Campaign& c) { c.max_plays_day = 4; }) == 4'000);
  CHECK(most([](Campaign& c) {
          c.rules.separation_s = 600;
          c.dayparts = {{0x7f, 510, 600, {}, {}}};  // from 8:30
        }) == 3'000);
  CHECK(most([](Campaign& c) { c.dayparts = {{0x7f, 600, 700, {}, {}}}; }) == 0);
}

TEST_CASE("competitors get so much of an hour that none of their plays must be neighbours") {
  Network network = one_hour();
  Campaign tea = campaign(1);
  tea.category = "tea";
  tea.rules.exclude_categories = {"coffee"};
  Campaign coffee = campaign(2);
  coffee.category = "coffee";
  sell(network, tea, 30);
  sell(network, coffee, 30);
  CHECK(planned_plays(network, 0) + planned_plays(network, 1) <= 30'000);
  CHECK(planned_plays(network, 0) + planned_plays(network, 1) >= 29'990);
}

TEST_CASE("a competitor alone in the hour may have all of it") {
  Network network = one_hour();
  Campaign tea = campaign(1);
  tea.rules.exclude_categories = {"coffee"};
  sell(network, tea, 60);
  CHECK(planned_plays(network, 0) == 60'000);
}

TEST_CASE("who is short gets slots of a campaign that finds room elsewhere") {
  Network network = one_hour();
  network.screens[0].until_hour = 10;
  auto& hours = network.profiles[1].hours;
  hours[8] = {{8'000, 2'000}, 360, 10'000};
  hours[9] = {{2'000, 8'000}, 360, 10'000};
  Campaign tea = campaign(1, {0});
  tea.dayparts = {{0x7f, 480, 540, {}, {}}};
  tea.rules.exclude_categories = {"coffee"};
  Campaign coffee = campaign(2, {0});
  coffee.category = "coffee";
  // By their worth tea and coffee share the first hour, where they may not, and the others have the
  // second. Only when some of these move to the first is there room for coffee in the second.
  sell(network, tea, 30);
  sell(network, coffee, 30);
  sell(network, campaign(3, {1}), 60);
  const auto plan = allocate(network, {kMonday, kMonday, 1, 1e-4});
  REQUIRE(plan.ok());
  for (const LinePlan& line : plan->lines) CHECK(line.shortfall_milli() <= 1);
}

TEST_CASE("a night belongs to the day it starts on, to the flight of that day too") {
  Campaign made = campaign(1);
  made.flights[0].first_day = kMonday;
  made.flights[0].last_day = kMonday;
  made.dayparts = {{0b0000001, 1'320, 90, {}, {}}};  // Mondays from 22:00 to 1:30
  CHECK(open_minutes(made, kMonday, 0) == 0);
  CHECK(open_minutes(made, kMonday, 21) == 0);
  CHECK(open_minutes(made, kMonday, 22) == 60);
  CHECK(open_minutes(made, kMonday + 1, 0) == 60);
  CHECK(open_minutes(made, kMonday + 1, 1) == 30);
  CHECK(open_minutes(made, kMonday + 1, 22) == 0);
  made.dayparts[0].except_days = {kMonday};
  CHECK(open_minutes(made, kMonday, 22) == 0);
  made.dayparts[0] = {0, 1'320, 90, {}, {kMonday}};
  CHECK(open_minutes(made, kMonday, 23) == 60);
}
