#include "rivals.hpp"

#include <algorithm>

#include "protocol/impressions.hpp"

namespace vitrine::bench {
namespace {

struct Cell {
  double slots = 0;
  std::vector<double> value;  // by contract
  std::vector<double> cap;
};

struct Filling {
  std::vector<Cell> cells;
  std::vector<double> goals;

  Filling(const plan::Network& network, std::int64_t day) {
    for (const auto& contract : network.contracts)
      goals.push_back(static_cast<double>(contract.goal));
    for (const auto& screen : network.screens) {
      const Profile& profile = network.profiles.at(screen.area);
      for (int hour = screen.from_hour; hour < screen.until_hour; ++hour) {
        const auto& here = profile.hours[static_cast<std::size_t>((day + 3) % 7 * 24 + hour)];
        Cell cell;
        cell.slots = 3'600'000 / screen.slot_ms;
        for (const auto& contract : network.contracts) {
          const Campaign& campaign = *network.schedule.campaign(contract.campaign);
          double cap = cell.slots;
          const CampaignRules& rules = campaign.rules;
          if (rules.separation_s != 0) cap = std::min(cap, 3600.0 / rules.separation_s);
          if (rules.hourly_cap != 0) cap = std::min(cap, 1.0 * rules.hourly_cap);
          cell.cap.push_back(cap);
          cell.value.push_back(
              static_cast<double>(target_imp_milli(campaign, here, screen.slot_ms)));
        }
        cells.push_back(std::move(cell));
      }
    }
  }

  Filled result(double impressions, const std::vector<double>& left) const {
    Filled filled{impressions, 0};
    for (const double plays : left) filled.short_plays += plays;
    return filled;
  }
};

}  // namespace

Filled greedy(const plan::Network& network, std::int64_t day) {
  Filling filling(network, day);
  struct Choice {
    double value;
    std::uint32_t cell;
    std::uint32_t contract;
  };
  std::vector<Choice> choices;
  for (std::uint32_t i = 0; i < filling.cells.size(); ++i) {
    for (std::uint32_t j = 0; j < filling.goals.size(); ++j) {
      choices.push_back({filling.cells[i].value[j], i, j});
    }
  }
  std::sort(choices.begin(), choices.end(), [](const Choice& a, const Choice& b) {
    if (a.value != b.value) return a.value > b.value;
    return a.cell != b.cell ? a.cell < b.cell : a.contract < b.contract;
  });
  auto left = filling.goals;
  double impressions = 0;
  for (const Choice& choice : choices) {
    Cell& cell = filling.cells[choice.cell];
    const double plays = std::min({cell.cap[choice.contract], cell.slots, left[choice.contract]});
    cell.slots -= plays;
    left[choice.contract] -= plays;
    impressions += plays * choice.value;
  }
  return filling.result(impressions, left);
}

Filled uniform(const plan::Network& network, std::int64_t day) {
  const Filling filling(network, day);
  auto left = filling.goals;
  double impressions = 0;
  const auto cells = static_cast<double>(filling.cells.size());
  for (const Cell& cell : filling.cells) {
    double asked = 0;
    for (std::size_t j = 0; j < left.size(); ++j) {
      asked += std::min(filling.goals[j] / cells, cell.cap[j]);
    }
    const double part = asked > cell.slots ? cell.slots / asked : 1;
    for (std::size_t j = 0; j < left.size(); ++j) {
      const double plays = part * std::min(filling.goals[j] / cells, cell.cap[j]);
      left[j] -= plays;
      impressions += plays * cell.value[j];
    }
  }
  return filling.result(impressions, left);
}

Filled round_robin(const plan::Network& network, std::int64_t day) {
  Filling filling(network, day);
  auto left = filling.goals;
  double impressions = 0;
  // All screens at once, hour by hour: a screen's cells follow each other.
  const std::size_t hours = filling.cells.size() / network.screens.size();
  std::vector<std::size_t> turn(network.screens.size(), 0);
  for (std::size_t hour = 0; hour < hours; ++hour) {
    for (std::size_t screen = 0; screen < network.screens.size(); ++screen) {
      Cell& cell = filling.cells[screen * hours + hour];
      std::size_t passed = 0;  // campaigns in a row that may not
      while (cell.slots >= 1 && passed < left.size()) {
        const std::size_t j = turn[screen]++ % left.size();
        if (left[j] < 1 || cell.cap[j] < 1) {
          ++passed;
          continue;
        }
        passed = 0;
        cell.cap[j] -= 1;
        cell.slots -= 1;
        left[j] -= 1;
        impressions += cell.value[j];
      }
    }
  }
  return filling.result(impressions, left);
}

}  // namespace vitrine::bench
