#include "planner/resolve.hpp"

#include <doctest/doctest.h>

#include <set>

#include "network_kit.hpp"
#include "protocol/quota.hpp"

using namespace vitrine;
using namespace vitrine::plan;
using namespace vitrine::testing;

namespace {

// Four screens, two campaigns over a week; the second is an experiment between areas 1 and 2.
struct Week {
  Network network;
  Plan plan;
  IssuedState issued;

  Week() {
    Random random(11);
    for (AreaId area = 1; area <= 2; ++area) network.profiles[area] = profile(area, random);
    for (int i = 0; i < 4; ++i) add_screen(network, 1 + static_cast<AreaId>(i) / 2);
    sell(network, campaign(1), 2'800);
    sell(network, campaign(2, {3}), 1'400);
    network.arms = {{2, 1, Arm::treated}, {2, 2, Arm::control}};
    plan = *allocate(network, {kMonday, kMonday + 6, 1, 1e-5});
    issued.goals = issued_goals(plan);
    for (std::size_t i = 0; i < 4; ++i) {
      issued.screens[network.screens[i].screen] = issued_of(plan, i, 1);
    }
  }

  // All that was due on these days, screen by screen, but those in `lacking`.
  std::vector<Delivery> as_planned(std::int64_t days, std::set<std::size_t> lacking = {}) const {
    std::vector<Delivery> deliveries;
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::int64_t day = 0; day < days && !lacking.contains(i); ++day) {
        const ScreenId& screen = network.screens[i].screen;
        deliveries.push_back({screen, 0, kMonday + day, 0});
        for (const IssuedQuota& quota : issued.screens.at(screen).quotas) {
          const auto due = [&](std::int64_t d) {
            return quota_due(quota.goal_milli, quota.phase, d);
          };
          deliveries.push_back({screen, quota.campaign, kMonday + day, due(day) - due(day - 1)});
        }
      }
    }
    return deliveries;
  }

  Resolution at(std::int64_t day, const std::vector<Delivery>& deliveries) const {
    auto made = resolve(network, issued, deliveries, kMonday + day);
    REQUIRE_MESSAGE(made.ok(), made.error().message);
    return *std::move(made);
  }

  std::size_t moved(const Resolution& resolved, std::int64_t day) const {
    const auto again = allocate(resolved.network, {kMonday + day, kMonday + 6, 1, 1e-5});
    REQUIRE(again.ok());
    std::size_t count = 0;
    for (std::size_t i = 0; i < resolved.network.screens.size(); ++i) {
      count += has_moved(resolved.left_milli[i], *again, i) ? 1 : 0;
    }
    return count;
  }
};

const LineHistory& line_of(const Resolution& resolved, CampaignId campaign, Arm arm) {
  for (const LineHistory& line : resolved.lines) {
    if (line.campaign == campaign && line.arm == arm) return line;
  }
  REQUIRE(false);
  return resolved.lines[0];
}

}  // namespace

TEST_CASE(
    "what was played as planned leaves the rest of the goal, and no screen needs new numbers") {
  const Week week;
  const Resolution resolved = week.at(3, week.as_planned(3));
  CHECK(resolved.silent == 0);
  CHECK(resolved.unknown == 0);
  const LineHistory& line = line_of(resolved, 1, Arm::none);
  CHECK(line.missed == 0);
  CHECK(line.assumed == 0);
  CHECK(line.remaining_milli == 2'800'000 - line.delivered * 1000);
  CHECK(week.moved(resolved, 3) <= 1);
}

TEST_CASE("an unknown yesterday counts as played as planned, for a day") {
  const Week week;
  auto deliveries = week.as_planned(3);
  std::erase_if(deliveries, [&](const Delivery& d) {
    return d.screen == week.network.screens[0].screen && d.day == kMonday + 2;
  });
  const auto all = line_of(week.at(3, week.as_planned(3)), 1, Arm::none);
  const auto unknown = line_of(week.at(3, deliveries), 1, Arm::none);
  CHECK(week.at(3, deliveries).unknown == 1);
  CHECK(unknown.assumed > 0);
  CHECK(unknown.assumed + unknown.delivered == all.delivered);
  CHECK(unknown.remaining_milli == all.remaining_milli);

  // A day later that day is released: the screen told of the day after it, so it is not silent.
  auto next = week.as_planned(4);
  std::erase_if(next, [&](const Delivery& d) {
    return d.screen == week.network.screens[0].screen && d.day == kMonday + 2;
  });
  const Resolution later = week.at(4, next);
  CHECK(later.silent == 0);
  CHECK(line_of(later, 1, Arm::none).assumed == 0);
  CHECK(line_of(later, 1, Arm::none).missed == unknown.assumed);
}

TEST_CASE("a screen unheard of for two days is silent: it gets no share, the others make it good") {
  const Week week;
  const Resolution resolved = week.at(3, week.as_planned(3, {1}));
  CHECK(resolved.silent == 1);
  CHECK(resolved.network.screens.size() == 3);
  for (const PlannedScreen& screen : resolved.network.screens) {
    CHECK(screen.screen != week.network.screens[1].screen);
  }
  const LineHistory& line = line_of(resolved, 1, Arm::none);
  CHECK(line.assumed == 0);  // not even yesterday: all that was due on it is to be made good
  const auto told = line_of(week.at(3, week.as_planned(3)), 1, Arm::none);
  CHECK(line.missed == told.delivered - line.delivered);
  CHECK(line.missed > 0);
  const auto again = allocate(resolved.network, {kMonday + 3, kMonday + 6, 1, 1e-5});
  REQUIRE(again.ok());
  std::int64_t planned = 0;
  for (const LinePlan& part : again->lines) {
    if (part.campaign == 1) planned += part.planned_plays_milli;
  }
  CHECK(planned == line.remaining_milli);
  CHECK(week.moved(resolved, 3) > 0);
}

TEST_CASE("of a line sold in impressions those that were told of are gone, the rest as planned") {
  Week week;
  IssuedGoal& goal = week.issued.goals[0];
  REQUIRE(goal.campaign == 1);
  goal.unit = GoalUnit::impressions;
  goal.goal_milli = 1'000'000'000;
  goal.imp_milli_a_play = 2'500;
  auto deliveries = week.as_planned(3);
  const auto remaining = [&] {
    return line_of(week.at(3, deliveries), 1, Arm::none).remaining_milli;
  };
  const std::int64_t plays = line_of(week.at(3, deliveries), 1, Arm::none).delivered;
  CHECK(remaining() == goal.goal_milli - plays * 2'500);

  std::int64_t told = 0;
  for (Delivery& delivery : deliveries) {
    if (delivery.campaign != 1 || delivery.day == kMonday) continue;
    delivery.imp_milli = delivery.plays * 1'000 + 7;
    told += *delivery.imp_milli - delivery.plays * 2'500;
  }
  REQUIRE(told != 0);
  CHECK(remaining() == goal.goal_milli - plays * 2'500 - told);
}

TEST_CASE("a new screen is not silent, and nothing was due on it") {
  Week week;
  add_screen(week.network, 1);
  const Resolution resolved = week.at(3, week.as_planned(3));
  CHECK(resolved.silent == 0);
  CHECK(resolved.network.screens.size() == 5);
}

TEST_CASE("planning again never moves plays between arms") {
  const Week week;
  // The control screens report half of their ghosts.
  auto deliveries = week.as_planned(3);
  for (Delivery& delivery : deliveries) {
    if (delivery.campaign == 2 && delivery.screen >= week.network.screens[2].screen) {
      delivery.plays /= 2;
    }
  }
  const Resolution before = week.at(3, week.as_planned(3));
  const Resolution resolved = week.at(3, deliveries);
  CHECK(line_of(resolved, 2, Arm::treated).remaining_milli ==
        line_of(before, 2, Arm::treated).remaining_milli);
  CHECK(line_of(resolved, 2, Arm::control).remaining_milli >
        line_of(before, 2, Arm::control).remaining_milli);
  const auto again = allocate(resolved.network, {kMonday + 3, kMonday + 6, 1, 1e-5});
  REQUIRE(again.ok());
  for (const LinePlan& line : again->lines) {
    if (line.campaign != 2 || line.arm == Arm::none) continue;
    CHECK(line.goal_milli == line_of(resolved, 2, line.arm).remaining_milli);
  }
}

TEST_CASE("a quota moves when it changes by more than a twentieth") {
  Week week;
  const auto planned = [&](CampaignId id) {
    std::int64_t sum = 0;
    for (const Quota& quota : week.plan.of_screen(0)) {
      if (week.plan.lines[quota.line].campaign != id) continue;
      for (const std::uint32_t goal : week.plan.goals(quota)) sum += goal;
    }
    return sum;
  };
  std::map<CampaignId, std::int64_t> left = {{1, planned(1)}, {2, planned(2)}};
  CHECK_FALSE(has_moved(left, week.plan, 0));
  left[1] = planned(1) * 100 / 104;
  CHECK_FALSE(has_moved(left, week.plan, 0));
  left[1] = planned(1) * 100 / 106;
  CHECK(has_moved(left, week.plan, 0));
  left[1] = planned(1) * 100 / 94;
  CHECK(has_moved(left, week.plan, 0));
  left = {{1, planned(1)}, {2, planned(2)}, {9, 1}};
  CHECK(has_moved(left, week.plan, 0));
}

TEST_CASE("a delivery of a day that is not over, or of a campaign without goal, is refused") {
  const Week week;
  const ScreenId& screen = week.network.screens[0].screen;
  CHECK_FALSE(resolve(week.network, week.issued, {{screen, 1, kMonday + 3, 1}}, kMonday + 3).ok());
  CHECK_FALSE(resolve(week.network, week.issued, {{screen, 9, kMonday, 1}}, kMonday + 3).ok());
}

TEST_CASE("what was issued is read back as it was written") {
  const Week week;
  const auto screens = read_issued(write_issued(week.issued.screens));
  REQUIRE_MESSAGE(screens.ok(), screens.error().message);
  CHECK(write_issued(*screens) == write_issued(week.issued.screens));
  CHECK(screens->at(week.network.screens[2].screen).quotas.size() ==
        week.issued.screens.at(week.network.screens[2].screen).quotas.size());
  const auto goals = read_goals(write_goals(week.issued.goals));
  REQUIRE(goals.ok());
  CHECK(write_goals(*goals) == write_goals(week.issued.goals));
  CHECK_FALSE(read_issued("screen,version,first_day,quotas\ns,1,2026-11-23,41:1000:5\n").ok());
  CHECK_FALSE(read_issued("screen,version,first_day,quotas\ns,0,2026-11-23,\n").ok());
}
