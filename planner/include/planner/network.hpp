// What is planned: screens, who passes them, and what was sold (docs/planner.md).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "protocol/numbers.hpp"
#include "protocol/profile.hpp"
#include "protocol/schedule.hpp"

namespace vitrine::plan {

struct PlannedScreen {
  ScreenId screen;
  AreaId area = 0;
  std::string zone;  // IANA; that of its area's profile, whose hours are local
  // Whole local hours in which it shows, half-open, from < until <= 24.
  std::uint16_t from_hour = 0;
  std::uint16_t until_hour = 24;
  std::uint32_t slot_ms = 15000;  // 1000..3600000; it shows 3600000 / slot_ms plays an hour
};

enum class GoalUnit { plays, impressions };

// One a campaign. Days are local calendar days of the screens, both inclusive.
struct Contract {
  CampaignId campaign = 0;
  GoalUnit unit = GoalUnit::plays;
  std::int64_t goal = 0;  // whole plays, or whole target impressions in the campaign's currency
  std::int64_t first_day = 0;
  std::int64_t last_day = 0;
};

// The experiment: what an area is for a campaign. A campaign that is named here and an area that is
// not are in arm none.
struct AreaArm {
  CampaignId campaign = 0;
  AreaId area = 0;
  Arm arm = Arm::treated;
};

// What a campaign is to get in one arm, in thousandths of its contract's unit, where that is known
// already: plans made again keep the arms apart.
struct ArmGoal {
  CampaignId campaign = 0;
  Arm arm = Arm::none;
  std::int64_t goal_milli = 0;
};

struct Network {
  Schedule schedule;
  std::uint64_t schedule_version = 0;
  Hash256 schedule_sha256{};  // of its payload
  std::vector<PlannedScreen> screens;
  std::map<AreaId, Profile> profiles;
  std::vector<Contract> contracts;
  std::vector<AreaArm> arms;
  // Empty: each contract's goal is shared out over its arms by the room they have.
  std::vector<ArmGoal> arm_goals;
};

// What may be planned: every id exists and occurs once, every screen's area has a profile of its
// zone, hours and slots are in their ranges. The error names the first thing that is wrong.
Status check(const Network& network);

// Leaves of each contract what falls on one of its days when its goal is spread over them evenly
// (the shares of all its days add up to the goal), and of the others nothing.
void keep_day(Network& network, std::int64_t day);

}  // namespace vitrine::plan
