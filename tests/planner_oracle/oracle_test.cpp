// The bound against another solver: the linear programme of a small network, screen by screen and
// hour by hour, written from the network alone and solved by GLPK.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

#include "network_kit.hpp"
#include "platform/file.hpp"
#include "process.hpp"
#include "protocol/impressions.hpp"
#include "temp_directory.hpp"

using namespace vitrine;
using namespace vitrine::plan;
using namespace vitrine::testing;

namespace {

bool have_glpk(const TempDirectory& directory) {
  return run({"sh", "-c", "command -v glpsol"}, directory / "which.log") == 0;
}

// Guaranteed goals are equations; all others inequalities.
std::string linear_programme(const Network& network, std::int64_t day) {
  std::ostringstream objective, rows, bounds;
  std::vector<std::ostringstream> goals(network.contracts.size());
  int cell = 0;
  for (const PlannedScreen& screen : network.screens) {
    const Profile& profile = network.profiles.at(screen.area);
    for (int hour = screen.from_hour; hour < screen.until_hour; ++hour, ++cell) {
      const auto weekday = static_cast<std::size_t>((day + 3) % 7);
      const ProfileHour& here = profile.hours[weekday * 24 + static_cast<std::size_t>(hour)];
      const auto slots = 3'600'000 / screen.slot_ms;
      rows << " cell" << cell << ":";
      for (std::size_t j = 0; j < network.contracts.size(); ++j) {
        const Campaign& sold = *network.schedule.campaign(network.contracts[j].campaign);
        const auto value = target_imp_milli(sold, here, screen.slot_ms);
        const std::string name = "x" + std::to_string(cell) + "_" + std::to_string(j);
        double most = slots;
        if (sold.rules.separation_s != 0) {
          most = std::min(most, std::floor(3'600'000.0 / sold.rules.separation_s) / 1000);
        }
        if (sold.rules.hourly_cap != 0) most = std::min(most, 1.0 * sold.rules.hourly_cap);
        objective << " + " << value << " " << name;
        rows << " + " << name;
        const bool plays = network.contracts[j].unit == GoalUnit::plays;
        goals[j] << " + " << (plays ? 1 : value) << " " << name;
        char bound[64];
        std::snprintf(bound, sizeof bound, " 0 <= %s <= %.17g\n", name.c_str(), most);
        bounds << bound;
      }
      rows << " <= " << slots << "\n";
    }
  }
  for (std::size_t j = 0; j < network.contracts.size(); ++j) {
    const Contract& contract = network.contracts[j];
    const bool must =
        network.schedule.campaign(contract.campaign)->klass == CampaignClass::guaranteed;
    const std::int64_t goal = contract.goal * (contract.unit == GoalUnit::plays ? 1 : 1000);
    rows << " goal" << j << ":" << goals[j].str() << (must ? " = " : " <= ") << goal << "\n";
  }
  return "Maximize\n value:" + objective.str() + "\nSubject To\n" + rows.str() + "Bounds\n" +
         bounds.str() + "End\n";
}

// NaN when there is no solution.
double optimum(const Network& network, const TempDirectory& directory) {
  std::ofstream(directory / "plan.lp") << linear_programme(network, kMonday);
  REQUIRE(run({"glpsol", "--lp", (directory / "plan.lp").string(), "--write",
               (directory / "plan.sol").string()},
              directory / "glpsol.log") == 0);
  std::ifstream solution(directory / "plan.sol");
  std::string line;
  while (std::getline(solution, line)) {
    std::istringstream words(line);  // s bas ROWS COLUMNS f f VALUE
    std::string s, bas, rows, columns, primal, dual;
    double value = 0;
    if (words >> s >> bas >> rows >> columns >> primal >> dual >> value && s == "s") {
      return primal == "f" && dual == "f" ? value : std::nan("");
    }
  }
  return std::nan("");
}

Network oracle_network(std::uint64_t seed) {
  Network network = random_network(seed, false);
  Random random(seed + 1'000);
  for (Campaign& campaign : network.schedule.campaigns) {
    campaign.klass = random.one_in(2) ? CampaignClass::guaranteed : CampaignClass::remnant;
    if (random.one_in(2)) campaign.rules.separation_s = 100 + random.below(900);
    if (random.one_in(3)) campaign.rules.hourly_cap = 5 + random.below(30);
  }
  return network;
}

}  // namespace

TEST_CASE("the bound is the optimum of the linear programme to a millionth, the plan nearly so") {
  const TempDirectory directory;
  if (!have_glpk(directory)) {
    std::cout << "SKIPPED: the bound against GLPK needs glpsol (glpk-utils)\n";
    return;
  }
  int compared = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const Network network = oracle_network(seed);
    const double best = optimum(network, directory);
    if (std::isnan(best)) continue;
    const auto plan = allocate(network, {kMonday, kMonday, 1, 5e-8});
    REQUIRE(plan.ok());
    INFO("seed " << seed);
    CHECK(plan->bound >= best * (1 - 1e-9));
    CHECK(plan->bound <= best * (1 + 1e-6));
    CHECK(plan->objective >= best * (1 - 1e-3));
    for (std::size_t j = 0; j < network.contracts.size(); ++j) {
      if (network.schedule.campaigns[j].klass == CampaignClass::guaranteed) {
        CHECK(plan->lines[j].shortfall_milli() <= 10);
      }
    }
    ++compared;
  }
  CHECK(compared > 15);
}
