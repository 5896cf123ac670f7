#include "planner/allocate.hpp"

#include <doctest/doctest.h>

#include "network_kit.hpp"

using namespace vitrine;
using namespace vitrine::plan;
using namespace vitrine::testing;

namespace {

AllocateOptions one_day() {
  return {kMonday, kMonday, 1, 2e-5};
}

Plan planned(const Network& network, const AllocateOptions& options) {
  auto plan = allocate(network, options);
  REQUIRE_MESSAGE(plan.ok(), plan.error().message);
  return *std::move(plan);
}

// One area whose group 0 is there only in hour 8, group 1 only in hour 9; a slot is a minute.
Network two_hours() {
  Network network;
  Profile made;
  made.area = 1;
  made.zone = "Europe/Berlin";
  for (ProfileHour& hour : made.hours) hour = {{5'000, 5'000}, 360, 10'000};
  made.hours[8] = {{9'000, 1'000}, 360, 10'000};
  made.hours[9] = {{1'000, 9'000}, 360, 10'000};
  network.profiles[1] = made;
  add_screen(network, 1, 8, 10);
  return network;
}

}  // namespace

TEST_CASE("a campaign gets the hours of its own people") {
  Network network = two_hours();
  sell(network, campaign(1, {0}), 60);
  sell(network, campaign(2, {1}), 60);
  const Plan plan = planned(network, one_day());
  // 60 plays each at 0.9 persons, in thousandths.
  CHECK(plan.objective == doctest::Approx(2 * 60 * 900).epsilon(1e-4));
  CHECK(plan.bound >= 2 * 60 * 900);
  CHECK(plan.bound == doctest::Approx(2 * 60 * 900).epsilon(1e-4));
  CHECK(plan.lines[0].planned_plays_milli == 60'000);
  CHECK(plan.lines[0].planned_imp_milli == doctest::Approx(60 * 900).epsilon(1e-4));
}

TEST_CASE(
    "goals come before impressions: who has one hour only gets it from who could go elsewhere") {
  Network network = two_hours();
  Campaign morning = campaign(2, {1});  // worth little in the hour of the others
  morning.dayparts = {{0x7f, 480, 540, {}, {}}};
  sell(network, campaign(1, {0}), 60);
  sell(network, morning, 60);
  const Plan plan = planned(network, one_day());
  CHECK(plan.lines[1].shortfall_milli() == 0);
  CHECK(plan.lines[0].shortfall_milli() == 0);
  CHECK(plan.objective == doctest::Approx(60 * 100 + 60 * 100).epsilon(1e-3));
}

TEST_CASE(
    "a guaranteed campaign goes before share, share before remnant, whatever they are worth") {
  Network network = two_hours();
  network.screens[0].until_hour = 9;  // 60 slots
  const CampaignClass classes[] = {CampaignClass::remnant, CampaignClass::share,
                                   CampaignClass::guaranteed};
  for (CampaignId id = 1; id <= 3; ++id) {
    Campaign made = campaign(id, {static_cast<std::uint8_t>(id == 1 ? 0 : 1)});
    made.klass = classes[id - 1];
    sell(network, made, id == 3 ? 40 : 15);
  }
  const Plan plan = planned(network, one_day());
  CHECK(plan.lines[2].shortfall_milli() == 0);
  CHECK(plan.lines[1].shortfall_milli() == 0);
  CHECK(plan.lines[0].planned_plays_milli == doctest::Approx(5'000).epsilon(1e-3));
}

TEST_CASE("what is oversold is short in proportion, and the plan proves that it must be") {
  Network network = two_hours();
  sell(network, campaign(1, {0}), 120);
  sell(network, campaign(2, {1}), 60);
  const Plan plan = planned(network, one_day());  // 120 slots for 180 plays
  CHECK(plan.oversold_plays_milli == doctest::Approx(60'000).epsilon(1e-6));
  CHECK(plan.oversold_lines == std::vector<std::uint32_t>{0, 1});
  CHECK(plan.lines[0].planned_plays_milli == doctest::Approx(80'000).epsilon(0.15));
  CHECK(plan.lines[1].planned_plays_milli == doctest::Approx(40'000).epsilon(0.3));
  CHECK(plan.lines[0].planned_plays_milli + plan.lines[1].planned_plays_milli >= 119'990);
}

TEST_CASE("a goal that no screen has room for is certainly short by what it exceeds its own caps") {
  Network network = two_hours();
  Campaign rare = campaign(1, {0});
  rare.rules.separation_s = 600;  // 6 an hour
  sell(network, rare, 20);
  const Plan plan = planned(network, one_day());
  CHECK(plan.lines[0].most_milli == 12'000);
  CHECK(plan.lines[0].certain_shortfall_milli() == 8'000);
  CHECK(plan.lines[0].planned_plays_milli == 12'000);
}

TEST_CASE("a goal in impressions is met in impressions, with the plays that are worth most") {
  Network network = two_hours();
  sell(network, campaign(1, {0}), 27, GoalUnit::impressions);  // 30 plays at 0.9
  const Plan plan = planned(network, one_day());
  CHECK(plan.lines[0].planned_imp_milli == doctest::Approx(27'000).epsilon(1e-4));
  CHECK(plan.lines[0].planned_imp_milli <= 27'000);
}

TEST_CASE("a contract ends with its days, a flight with its own") {
  Network network = two_hours();
  Campaign until_tuesday = campaign(1, {0});
  until_tuesday.flights[0].last_day = kMonday + 1;
  sell(network, until_tuesday, 10'000);
  sell(network, campaign(2, {0}), 10'000);
  network.contracts[1].last_day = kMonday;
  const Plan plan = planned(network, {kMonday, kMonday + 3, 1, 2e-5});
  for (const Quota& quota : plan.of_screen(0)) {
    const auto goals = plan.goals(quota);
    CHECK((goals[1] == 0) == (quota.line == 1));
    CHECK(goals[2] == 0);
  }
}

TEST_CASE("a network that cannot be planned is refused with what is wrong") {
  const auto refusal = [](auto spoil) {
    Network network = two_hours();
    sell(network, campaign(1, {0}), 60);
    spoil(network);
    const auto plan = allocate(network, one_day());
    return plan ? std::string("accepted") : plan.error().message;
  };
  CHECK(refusal([](Network&) {}) == "accepted");
  CHECK(refusal([](Network& n) { n.screens[0].area = 9; }) ==
        "screen s00000: area 9 has no profile");
  CHECK(refusal([](Network& n) { n.screens[0].zone = "Asia/Shanghai"; }) ==
        "screen s00000: it is in Asia/Shanghai, the profile of area 1 in Europe/Berlin");
  CHECK(refusal([](Network& n) { n.screens.push_back(n.screens[0]); }) == "screen s00000: twice");
  CHECK(refusal([](Network& n) { n.screens[0].until_hour = 8; }) ==
        "screen s00000: hours 8-8 are no part of a day");
  CHECK(refusal([](Network& n) { n.screens[0].slot_ms = 0; }) ==
        "screen s00000: a slot of 0 ms is not within 1000 to 3600000");
  CHECK(refusal([](Network& n) { n.contracts[0].campaign = 7; }) ==
        "contract of campaign 7: the schedule has no such campaign");
  CHECK(refusal([](Network& n) { n.contracts[0].goal = -1; }) ==
        "contract of campaign 1: a goal of -1 is not within 0 to 10^12");
  CHECK(refusal([](Network& n) { n.schedule.campaigns[0].klass = CampaignClass::house; }) ==
        "contract of campaign 1: a house campaign is sold to nobody");
  CHECK_FALSE(allocate(two_hours(), {kMonday, kMonday - 1, 1, 2e-5}).ok());
}
