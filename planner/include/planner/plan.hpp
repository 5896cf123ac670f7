// A plan: how often each screen shows each campaign on each day, with the proof of how good it is.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "planner/network.hpp"

namespace vitrine::plan {

// One campaign in one arm: what has a goal and a price of its own. A campaign without experiment is
// one line of arm none.
struct LinePlan {
  CampaignId campaign = 0;
  Arm arm = Arm::none;
  GoalUnit unit = GoalUnit::plays;
  // In thousandths of the contract's unit. A control arm's goal is virtual: what the line would get
  // were it treated alike.
  std::int64_t goal_milli = 0;
  // The most this line can have when it is alone in the network: no plan gives it more.
  std::int64_t most_milli = 0;
  std::int64_t planned_plays_milli = 0;
  std::int64_t planned_imp_milli = 0;
  std::int64_t price = 0;  // as in the numbers document

  std::int64_t planned_milli() const {
    return unit == GoalUnit::plays ? planned_plays_milli : planned_imp_milli;
  }
  std::int64_t shortfall_milli() const {
    return planned_milli() < goal_milli ? goal_milli - planned_milli() : 0;
  }
  // What is missing whatever anybody plans.
  std::int64_t certain_shortfall_milli() const {
    return most_milli < goal_milli ? goal_milli - most_milli : 0;
  }
};

// One line on one screen.
struct Quota {
  std::uint32_t line = 0;   // index into Plan::lines
  std::uint16_t phase = 0;  // 0..999
};

struct Plan {
  std::int64_t first_day = 0;
  std::int64_t days = 0;
  std::vector<LinePlan> lines;
  // Target impressions x 1000 of all planned plays, less the penalties of what guaranteed and share
  // campaigns are short of; and a bound that no plan exceeds, with the penalties likewise. Where
  // impressions are sold, both are those of the optimum: the quotas and what the lines have planned
  // are what devices make of it (as_played.hpp).
  double objective = 0;
  double bound = 0;
  // The plays that a set of lines certainly lacks together, however the network is planned: their
  // goals less all the room there is for them. 0: none is known to be oversold.
  std::int64_t oversold_plays_milli = 0;
  std::vector<std::uint32_t> oversold_lines;

  // Quotas of screen i of the network: a run of `quotas`, by line; each has `days` values in
  // goal_milli, in the same order.
  struct Run {
    std::uint64_t first = 0;
    std::uint32_t count = 0;
  };
  std::vector<Run> screens;
  std::vector<Quota> quotas;
  std::vector<std::uint32_t> goal_milli;

  std::span<const Quota> of_screen(std::size_t screen) const {
    return std::span(quotas).subspan(screens[screen].first, screens[screen].count);
  }
  std::span<const std::uint32_t> goals(const Quota& quota) const {
    const auto at = static_cast<std::size_t>(&quota - quotas.data());
    return std::span(goal_milli)
        .subspan(at * static_cast<std::size_t>(days), static_cast<std::size_t>(days));
  }
};

}  // namespace vitrine::plan
