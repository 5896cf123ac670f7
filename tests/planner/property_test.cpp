// Random small networks with every kind of rule: whatever they hold, no promise is broken.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "network_kit.hpp"
#include "protocol/quota.hpp"
#include "sanitized.hpp"

using namespace vitrine;
using namespace vitrine::plan;
using namespace vitrine::testing;

namespace {

constexpr std::int64_t kDays = 3;
constexpr std::uint64_t kNetworks = kSanitized ? 8 : 40;

Plan planned(const Network& network, unsigned threads = 1) {
  auto plan = allocate(network, {kMonday, kMonday + kDays - 1, threads, 1e-3});
  REQUIRE_MESSAGE(plan.ok(), plan.error().message);
  return *std::move(plan);
}

// Planned once for all the promises that are looked for in them.
struct Planned {
  Network network;
  Plan plan;
};
const std::vector<Planned>& random_plans() {
  static const std::vector<Planned> plans = [] {
    std::vector<Planned> made;
    for (std::uint64_t seed = 1; seed <= kNetworks; ++seed) {
      Network network = random_network(seed);
      Plan plan = planned(network);
      made.push_back({std::move(network), std::move(plan)});
    }
    return made;
  }();
  return plans;
}

// The rules once more, written as plainly as they can be.
bool open_at(const Campaign& campaign, std::int64_t day, int minute) {
  if (campaign.dayparts.empty()) return true;
  for (const Daypart& part : campaign.dayparts) {
    const auto weekday = [](std::int64_t date) { return static_cast<int>((date + 3) % 7); };
    const bool overnight = part.until_minute <= part.from_minute;
    const bool today = (part.weekdays >> weekday(day) & 1) != 0;
    const bool yesterday = (part.weekdays >> weekday(day - 1) & 1) != 0;
    if (!overnight && today && part.from_minute <= minute && minute < part.until_minute)
      return true;
    if (overnight && today && minute >= part.from_minute) return true;
    if (overnight && yesterday && minute < part.until_minute) return true;
  }
  return false;
}

double most_on(const Campaign& campaign, const PlannedScreen& screen, std::int64_t day) {
  double most = 0;
  for (int hour = screen.from_hour; hour < screen.until_hour; ++hour) {
    int minutes = 0;
    for (int minute = 0; minute < 60; ++minute)
      minutes += open_at(campaign, day, hour * 60 + minute);
    double plays = static_cast<double>(3'600'000 / screen.slot_ms);
    if (campaign.rules.separation_s != 0) {
      plays = std::min(plays, minutes * 60.0 / campaign.rules.separation_s);
    }
    if (campaign.rules.hourly_cap != 0) plays = std::min(plays, 1.0 * campaign.rules.hourly_cap);
    if (minutes != 0) most += plays;
  }
  if (campaign.rules.daily_cap != 0) most = std::min(most, 1.0 * campaign.rules.daily_cap);
  if (campaign.max_plays_day != 0) most = std::min(most, 1.0 * campaign.max_plays_day);
  return most;
}

Arm arm_of(const Network& network, CampaignId campaign, AreaId area) {
  for (const AreaArm& entry : network.arms) {
    if (entry.campaign == campaign && entry.area == area) return entry.arm;
  }
  return Arm::none;
}

std::uint64_t hash_of(const Plan& plan) {
  std::uint64_t hash = 0xcbf29ce484222325;
  const auto add = [&](std::uint64_t value) { hash = (hash ^ value) * 0x100000001b3; };
  for (const LinePlan& line : plan.lines) {
    add(static_cast<std::uint64_t>(line.price));
    add(static_cast<std::uint64_t>(line.planned_plays_milli));
    add(static_cast<std::uint64_t>(line.planned_imp_milli));
  }
  for (std::size_t i = 0; i < plan.screens.size(); ++i) {
    for (const Quota& quota : plan.of_screen(i)) {
      add(quota.line);
      add(quota.phase);
      for (const std::uint32_t goal : plan.goals(quota)) add(goal);
    }
  }
  return hash;
}

}  // namespace

TEST_CASE("in random networks no screen is asked for more than its hours and the campaign's caps") {
  int quotas = 0;
  for (const auto& [network, plan] : random_plans()) {
    for (std::size_t i = 0; i < network.screens.size(); ++i) {
      const PlannedScreen& screen = network.screens[i];
      for (std::int64_t day = 0; day < kDays; ++day) {
        std::int64_t all = 0;
        for (const Quota& quota : plan.of_screen(i)) {
          const LinePlan& line = plan.lines[quota.line];
          const std::int64_t goal = plan.goals(quota)[static_cast<std::size_t>(day)];
          const Campaign& campaign = *network.schedule.campaign(line.campaign);
          REQUIRE(static_cast<double>(goal) <=
                  std::ceil(1000 * most_on(campaign, screen, kMonday + day) + 1e-6) + 2);
          REQUIRE(line.arm == arm_of(network, line.campaign, screen.area));
          all += goal;
          ++quotas;
        }
        const std::int64_t slots =
            3'600'000 / screen.slot_ms * (screen.until_hour - screen.from_hour);
        // Rounding to thousandths may add some of them a line.
        REQUIRE(all <= slots * 1000 + 3 * static_cast<std::int64_t>(plan.of_screen(i).size()));
      }
    }
  }
  CHECK(quotas > (kSanitized ? 140 : 700));
}

TEST_CASE("in random networks no goal is exceeded and no plan is worth more than its bound") {
  int met = 0;
  int lines = 0;
  for (const auto& [network, plan] : random_plans()) {
    REQUIRE(plan.objective <= plan.bound + 1e-7 * std::abs(plan.bound) + 1e-6);
    std::map<CampaignId, std::int64_t> sold;
    for (const LinePlan& line : plan.lines) {
      // Impressions come in whole plays' thousandths.
      const bool plays = line.unit == GoalUnit::plays;
      REQUIRE(line.planned_milli() <=
              line.goal_milli + (plays ? 0 : line.goal_milli / 1'000'000 + 50));
      REQUIRE(line.planned_milli() <= line.most_milli + 1000);
      if (line.arm != Arm::control) sold[line.campaign] += line.goal_milli;
      met += line.shortfall_milli() <= line.goal_milli / 1000 ? 1 : 0;
      ++lines;
    }
    // The arms of a campaign share its contract, all of it, unless it has no arm but control.
    for (const Contract& contract : network.contracts) {
      const auto found = sold.find(contract.campaign);
      REQUIRE(found != sold.end());
      REQUIRE(found->second == contract.goal * 1000);
    }
  }
  CHECK(met > lines / (kSanitized ? 4 : 3));
}

TEST_CASE("with their phases the screens' plays add up to the network's, rounded down") {
  for (const auto& [network, plan] : random_plans()) {
    std::vector<std::int64_t> due(plan.lines.size(), 0);
    std::vector<std::int64_t> milli(plan.lines.size(), 0);
    for (std::size_t i = 0; i < plan.screens.size(); ++i) {
      for (const Quota& quota : plan.of_screen(i)) {
        const auto goals = plan.goals(quota);
        REQUIRE(quota.phase < 1000);
        due[quota.line] += quota_due({goals.begin(), goals.end()}, quota.phase, kDays - 1);
        for (const std::uint32_t goal : goals) milli[quota.line] += goal;
      }
    }
    for (std::size_t i = 0; i < due.size(); ++i) {
      REQUIRE(milli[i] == plan.lines[i].planned_plays_milli);
      REQUIRE(due[i] == milli[i] / 1000);
    }
  }
}

TEST_CASE("a tenth of a play on each of 100,000 screens is 10,000 plays, exactly") {
  Random random(5);
  Network network;
  network.profiles[1] = profile(1, random);
  for (int i = 0; i < 100'000; ++i) add_screen(network, 1);
  sell(network, campaign(1), 10'000);
  sell(network, campaign(2), 10'000);
  sell(network, campaign(3), 10'001);
  const Plan plan = planned(network);
  std::int64_t due[3] = {0, 0, 0};
  int both = 0;
  for (std::size_t i = 0; i < plan.screens.size(); ++i) {
    std::int64_t here[3] = {0, 0, 0};
    for (const Quota& quota : plan.of_screen(i)) {
      const auto goals = plan.goals(quota);
      here[quota.line] = quota_due({goals.begin(), goals.end()}, quota.phase, kDays - 1);
      REQUIRE(here[quota.line] <= 1);
      due[quota.line] += here[quota.line];
    }
    both += here[0] == 1 && here[1] == 1 ? 1 : 0;
  }
  CHECK(due[0] == 10'000);
  CHECK(due[1] == 10'000);
  CHECK(due[2] == 10'001);
  CHECK(both == 0);  // the plays of two campaigns do not all meet on the same screens
}

TEST_CASE("one thread or two, screens in this order or that: the same plan") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Network network = random_network(seed);
    // Alike, so that they are one group whose order could matter.
    for (PlannedScreen& screen : network.screens) {
      screen.from_hour = 8;
      screen.until_hour = 12;
      screen.slot_ms = 60'000;
    }
    const Plan plan = planned(network);
    REQUIRE(hash_of(planned(network, 2)) == hash_of(plan));
    std::reverse(network.screens.begin(), network.screens.end());
    const Plan turned = planned(network, 3);
    for (std::size_t i = 0; i < plan.screens.size(); ++i) {
      const auto here = plan.of_screen(i);
      const auto there = turned.of_screen(plan.screens.size() - 1 - i);
      REQUIRE(here.size() == there.size());
      for (std::size_t k = 0; k < here.size(); ++k) {
        REQUIRE(here[k].phase == there[k].phase);
        REQUIRE(std::ranges::equal(plan.goals(here[k]), turned.goals(there[k])));
      }
    }
  }
}

TEST_CASE("the plan of a fixed network is the same on every CPU") {
  std::uint64_t hash = 0;
  auto plan_to = [&hash, seed = std::uint64_t{1}](std::uint64_t last) mutable {
    for (; seed <= last; ++seed) hash = hash * 31 + hash_of(planned(random_network(seed)));
  };
  plan_to(4);
  CHECK(hash == 16'681'392'930'277'700'135u);
  if (kSanitized) return;
  plan_to(20);
  CHECK(hash == 13'241'537'604'836'296'253u);
}
