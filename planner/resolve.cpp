#include "planner/resolve.hpp"

#include <algorithm>
#include <set>

#include "protocol/quota.hpp"

namespace vitrine::plan {
namespace {

constexpr std::int64_t kMilli = 1000;
// A quota moves when it changes by more than one part in this many.
constexpr std::int64_t kMovedPart = 20;

struct ScreenPast {
  std::set<std::int64_t> known_days;
  std::map<CampaignId, std::int64_t> since;  // since the numbers it has
};

class Resolver {
 public:
  Resolver(const Network& network, const IssuedState& issued, std::int64_t today)
      : network_(network), issued_(issued), today_(today) {
    for (const IssuedGoal& goal : issued.goals) {
      index_[{goal.campaign, goal.arm}] = made_.lines.size();
      LineHistory line;
      line.campaign = goal.campaign;
      line.arm = goal.arm;
      line.unit = goal.unit;
      line.goal_milli = goal.goal_milli;
      made_.lines.push_back(line);
    }
    for (const AreaArm& entry : network.arms) arms_[{entry.campaign, entry.area}] = entry.arm;
    for (const PlannedScreen& screen : network.screens) areas_[screen.screen] = screen.area;
  }

  Status take(const std::vector<Delivery>& deliveries) {
    for (const Delivery& delivery : deliveries) {
      if (delivery.day >= today_) {
        return fail(ErrorCode::invalid,
                    "deliveries of screen " + delivery.screen + ": a day that is not over yet");
      }
      ScreenPast& past = past_[delivery.screen];
      past.known_days.insert(delivery.day);
      if (delivery.campaign == 0) continue;
      LineHistory* line = line_of(delivery.screen, delivery.campaign);
      if (line == nullptr) {
        return fail(ErrorCode::not_found, "deliveries of screen " + delivery.screen +
                                              ": campaign " + std::to_string(delivery.campaign) +
                                              " has no goal in the last plan");
      }
      line->delivered += delivery.plays;
      line->told_milli += delivery.imp_milli.value_or(0);
      line->untold += delivery.imp_milli ? 0 : delivery.plays;
      const auto known = issued_.screens.find(delivery.screen);
      if (known != issued_.screens.end() && delivery.day >= known->second.first_day) {
        past.since[delivery.campaign] += delivery.plays;
      }
    }
    return ok();
  }

  Resolution finish() {
    made_.network = network_;
    made_.network.screens.clear();
    for (const PlannedScreen& screen : network_.screens) walk(screen);
    for (LineHistory& line : made_.lines) settle(line);
    return std::move(made_);
  }

 private:
  // A screen that the network has no longer is counted to the arm that is paid.
  LineHistory* line_of(const ScreenId& screen, CampaignId campaign) {
    Arm arm = Arm::none;
    if (const auto area = areas_.find(screen); area != areas_.end()) {
      const auto found = arms_.find({campaign, area->second});
      if (found != arms_.end()) arm = found->second;
    }
    auto at = index_.find({campaign, arm});
    if (at == index_.end()) at = index_.find({campaign, Arm::treated});
    return at == index_.end() ? nullptr : &made_.lines[at->second];
  }

  void walk(const PlannedScreen& screen) {
    const auto numbers = issued_.screens.find(screen.screen);
    if (numbers == issued_.screens.end()) {
      keep(screen, {});
      return;
    }
    const Issued& issued = numbers->second;
    const ScreenPast& past = past_[screen.screen];
    const auto known = [&](std::int64_t day) {
      return day < issued.first_day || past.known_days.contains(day);
    };
    const bool assumed = !known(today_ - 1);
    const bool silent = assumed && !known(today_ - 2);
    std::map<CampaignId, std::int64_t> left;
    for (const IssuedQuota& quota : issued.quotas) {
      LineHistory* line = line_of(screen.screen, quota.campaign);
      if (line == nullptr) continue;
      const auto due = [&](std::int64_t day) {
        return quota_due(quota.goal_milli, quota.phase, day - issued.first_day);
      };
      const std::int64_t yesterday = assumed && !silent ? due(today_ - 1) - due(today_ - 2) : 0;
      const auto since = past.since.find(quota.campaign);
      const std::int64_t played = since == past.since.end() ? 0 : since->second;
      line->assumed += yesterday;
      line->missed += std::max<std::int64_t>(0, due(today_ - 1) - yesterday - played);
      std::int64_t all = 0;
      for (const std::uint32_t goal : quota.goal_milli) all += goal;
      left[quota.campaign] = std::max<std::int64_t>(0, all - (played + yesterday) * kMilli);
    }
    made_.unknown += assumed && !silent ? 1 : 0;
    made_.silent += silent ? 1 : 0;
    if (!silent) keep(screen, std::move(left));
  }

  void keep(const PlannedScreen& screen, std::map<CampaignId, std::int64_t> left) {
    made_.network.screens.push_back(screen);
    made_.left_milli.push_back(std::move(left));
  }

  void settle(LineHistory& line) {
    const auto& goal = issued_.goals[index_[{line.campaign, line.arm}]];
    const std::int64_t had =
        line.unit == GoalUnit::plays
            ? (line.delivered + line.assumed) * kMilli
            : line.told_milli + (line.untold + line.assumed) * goal.imp_milli_a_play;
    line.remaining_milli = std::max<std::int64_t>(0, line.goal_milli - had);
    made_.network.arm_goals.push_back({line.campaign, line.arm, line.remaining_milli});
  }

  const Network& network_;
  const IssuedState& issued_;
  std::int64_t today_;
  Resolution made_;
  std::map<std::pair<CampaignId, Arm>, std::size_t> index_;
  std::map<std::pair<CampaignId, AreaId>, Arm> arms_;
  std::map<ScreenId, AreaId> areas_;
  std::map<ScreenId, ScreenPast> past_;
};

}  // namespace

Result<Resolution> resolve(const Network& network, const IssuedState& issued,
                           const std::vector<Delivery>& deliveries, std::int64_t today) {
  Resolver resolver(network, issued, today);
  if (auto taken = resolver.take(deliveries); !taken) return std::move(taken).error();
  return resolver.finish();
}

bool has_moved(const std::map<CampaignId, std::int64_t>& left_milli, const Plan& plan,
               std::size_t screen) {
  std::map<CampaignId, std::int64_t> planned;
  for (const Quota& quota : plan.of_screen(screen)) {
    for (const std::uint32_t goal : plan.goals(quota)) {
      planned[plan.lines[quota.line].campaign] += goal;
    }
  }
  const auto moved = [](std::int64_t before, std::int64_t now) {
    const std::int64_t change = before > now ? before - now : now - before;
    return change * kMovedPart > before;
  };
  for (const auto& [campaign, now] : planned) {
    const auto before = left_milli.find(campaign);
    if (moved(before == left_milli.end() ? 0 : before->second, now)) return true;
  }
  return std::any_of(left_milli.begin(), left_milli.end(), [&](const auto& entry) {
    return entry.second > 0 && !planned.contains(entry.first);
  });
}

}  // namespace vitrine::plan
