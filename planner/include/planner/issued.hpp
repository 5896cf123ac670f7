// What was told to whom: the memory between one plan and the next, two tables beside the numbers.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "planner/plan.hpp"

namespace vitrine::plan {

struct IssuedQuota {
  CampaignId campaign = 0;
  std::uint16_t phase = 0;
  std::vector<std::uint32_t> goal_milli;  // from Issued::first_day on
};

// The numbers that a screen has, as far as later plans need them.
struct Issued {
  std::uint64_t version = 0;
  std::int64_t first_day = 0;
  std::vector<IssuedQuota> quotas;
};

// The goals of the first plan, which later ones keep, and what a play of the line was worth in it.
struct IssuedGoal {
  CampaignId campaign = 0;
  Arm arm = Arm::none;
  GoalUnit unit = GoalUnit::plays;
  std::int64_t goal_milli = 0;
  std::int64_t imp_milli_a_play = 0;
};

struct IssuedState {
  std::vector<IssuedGoal> goals;
  std::map<ScreenId, Issued> screens;
};

std::vector<IssuedGoal> issued_goals(const Plan& plan);
Issued issued_of(const Plan& plan, std::size_t screen, std::uint64_t version);

// campaign,arm,unit,goal_milli,imp_milli_a_play
std::string write_goals(const std::vector<IssuedGoal>& goals);
Result<std::vector<IssuedGoal>> read_goals(std::string_view csv);
// screen,version,first_day,quotas        lobby-1,3,2026-11-23,41:618:2500+2500 42:0:100+0
std::string write_issued(const std::map<ScreenId, Issued>& screens);
Result<std::map<ScreenId, Issued>> read_issued(std::string_view csv);

}  // namespace vitrine::plan
