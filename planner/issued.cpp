#include "planner/issued.hpp"

#include "csv.hpp"

namespace vitrine::plan {
namespace {

constexpr std::string_view kGoalsHeader = "campaign,arm,unit,goal_milli,imp_milli_a_play";
constexpr std::string_view kIssuedHeader = "screen,version,first_day,quotas";
constexpr std::int64_t kMost = std::int64_t{1} << 53;

std::string day_text(std::int64_t day) {
  return format_utc(day * 86400).substr(0, 10);
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (std::size_t from = 0; from < text.size();) {
    const auto end = std::min(text.find(at, from), text.size());
    parts.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return parts;
}

// "41:618:2500+2500"
Result<IssuedQuota> read_quota(const Record& record, std::string_view text) {
  const auto parts = split(text, ':');
  IssuedQuota quota;
  if (parts.size() != 3) return record.bad(3, "quotas as 41:618:2500+2500");
  const Record fields(0, parts);
  const auto campaign = fields.number<std::uint32_t>(0, 1, 0xffff'ffff);
  const auto phase = fields.number<std::uint16_t>(1, 0, 999);
  if (!campaign || !phase) return record.bad(3, "quotas as 41:618:2500+2500");
  quota.campaign = *campaign;
  quota.phase = *phase;
  const Record goals(0, split(parts[2], '+'));
  for (std::size_t i = 0; i < goals.size(); ++i) {
    const auto goal = goals.number<std::uint32_t>(i, 0, 0xffff'ffff);
    if (!goal) return record.bad(3, "quotas as 41:618:2500+2500");
    quota.goal_milli.push_back(*goal);
  }
  return quota;
}

}  // namespace

std::vector<IssuedGoal> issued_goals(const Plan& plan) {
  std::vector<IssuedGoal> goals;
  for (const LinePlan& line : plan.lines) {
    const std::int64_t worth = line.planned_plays_milli == 0
                                   ? 0
                                   : line.planned_imp_milli * 1000 / line.planned_plays_milli;
    goals.push_back({line.campaign, line.arm, line.unit, line.goal_milli, worth});
  }
  return goals;
}

Issued issued_of(const Plan& plan, std::size_t screen, std::uint64_t version) {
  Issued issued{version, plan.first_day, {}};
  for (const Quota& quota : plan.of_screen(screen)) {
    const auto goals = plan.goals(quota);
    issued.quotas.push_back(
        {plan.lines[quota.line].campaign, quota.phase, {goals.begin(), goals.end()}});
  }
  return issued;
}

std::string write_goals(const std::vector<IssuedGoal>& goals) {
  constexpr std::string_view kArms[] = {"none", "treated", "control"};
  std::string csv(kGoalsHeader);
  csv += '\n';
  for (const IssuedGoal& goal : goals) {
    csv += std::to_string(goal.campaign) + ',';
    csv += kArms[static_cast<std::size_t>(goal.arm)];
    csv += goal.unit == GoalUnit::plays ? ",plays," : ",impressions,";
    csv += std::to_string(goal.goal_milli) + ',' + std::to_string(goal.imp_milli_a_play) + '\n';
  }
  return csv;
}

Result<std::vector<IssuedGoal>> read_goals(std::string_view csv) {
  std::vector<IssuedGoal> goals;
  auto read = for_each_record(csv, kGoalsHeader, [&](const Record& record) -> Status {
    IssuedGoal goal;
    const auto campaign = record.number<std::uint32_t>(0, 1, 0xffff'ffff);
    if (!campaign) return std::move(campaign).error();
    goal.campaign = *campaign;
    if (record.text(1) == "treated") {
      goal.arm = Arm::treated;
    } else if (record.text(1) == "control") {
      goal.arm = Arm::control;
    } else if (record.text(1) != "none") {
      return record.bad(1, "none, treated or control");
    }
    if (record.text(2) != "plays" && record.text(2) != "impressions") {
      return record.bad(2, "plays or impressions");
    }
    goal.unit = record.text(2) == "plays" ? GoalUnit::plays : GoalUnit::impressions;
    const auto milli = record.number<std::int64_t>(3, 0, kMost);
    if (!milli) return std::move(milli).error();
    goal.goal_milli = *milli;
    const auto worth = record.number<std::int64_t>(4, 0, kMost);
    if (!worth) return std::move(worth).error();
    goal.imp_milli_a_play = *worth;
    goals.push_back(goal);
    return ok();
  });
  if (!read) return std::move(read).error();
  return goals;
}

std::string write_issued(const std::map<ScreenId, Issued>& screens) {
  std::string csv(kIssuedHeader);
  csv += '\n';
  for (const auto& [screen, issued] : screens) {
    csv += screen + ',' + std::to_string(issued.version) + ',' + day_text(issued.first_day) + ',';
    const char* between = "";
    for (const IssuedQuota& quota : issued.quotas) {
      csv += between + std::to_string(quota.campaign) + ':' + std::to_string(quota.phase) + ':';
      for (std::size_t day = 0; day < quota.goal_milli.size(); ++day) {
        if (day != 0) csv += '+';
        csv += std::to_string(quota.goal_milli[day]);
      }
      between = " ";
    }
    csv += '\n';
  }
  return csv;
}

Result<std::map<ScreenId, Issued>> read_issued(std::string_view csv) {
  std::map<ScreenId, Issued> screens;
  auto read = for_each_record(csv, kIssuedHeader, [&](const Record& record) -> Status {
    Issued issued;
    const auto version = record.number<std::uint64_t>(1, 1, kMost);
    if (!version) return std::move(version).error();
    issued.version = *version;
    const auto day = record.day(2);
    if (!day) return std::move(day).error();
    issued.first_day = *day;
    for (const std::string_view text : split(record.text(3), ' ')) {
      auto quota = read_quota(record, text);
      if (!quota) return std::move(quota).error();
      issued.quotas.push_back(*std::move(quota));
    }
    screens.insert_or_assign(ScreenId(record.text(0)), std::move(issued));
    return ok();
  });
  if (!read) return std::move(read).error();
  return screens;
}

}  // namespace vitrine::plan
