#include <doctest/doctest.h>

#include <cmath>

#include "network_kit.hpp"

using namespace vitrine;
using namespace vitrine::plan;
using namespace vitrine::testing;

TEST_CASE(
    "sold in the impressions that a plan of plays gives, each campaign gets these plays again") {
  // The device knows plays and prices alone (docs/contracts.md, "Quota"), and a plan of plays is
  // what it plays as planned: the same impressions come of the same plan.
  Random random(7);
  Network network;
  for (AreaId area = 1; area <= 12; ++area) {
    network.profiles[area] = profile(area, random);
    add_screen(network, area);
  }
  for (CampaignId id = 1; id <= 6; ++id) {
    sell(network, campaign(id, {static_cast<std::uint8_t>(id)}), 360 * id);
  }
  const AllocateOptions options{kMonday, kMonday, 1, 1e-5};
  const Plan plays = *allocate(network, options);
  for (std::size_t i = 0; i < network.contracts.size(); ++i) {
    network.contracts[i].unit = GoalUnit::impressions;
    network.contracts[i].goal = plays.lines[i].planned_imp_milli / 1000;
  }
  const Plan impressions = *allocate(network, options);
  for (std::size_t i = 0; i < network.contracts.size(); ++i) {
    const LinePlan& line = impressions.lines[i];
    CAPTURE(line.campaign);
    const auto near = [](std::int64_t a, std::int64_t b, double part) {
      return std::abs(static_cast<double>(a - b)) <= part * static_cast<double>(b);
    };
    CHECK(near(line.planned_imp_milli, line.goal_milli, 0.02));
    CHECK(near(line.planned_plays_milli, plays.lines[i].planned_plays_milli, 0.1));
  }
  CHECK(impressions.objective <= impressions.bound * (1 + 1e-9));
}
