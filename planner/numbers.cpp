#include "planner/numbers.hpp"

#include <algorithm>

#include "base/math.hpp"

namespace vitrine::plan {
namespace {

constexpr std::uint32_t kWhole = 10000;
constexpr std::uint32_t kLeast = 500;

// The only flight that holds one of the planned days, or nullptr.
const Flight* flight_of(const Campaign& campaign, const Plan& plan) {
  const Flight* found = nullptr;
  for (const Flight& flight : campaign.flights) {
    if (flight.last_day < plan.first_day || flight.first_day >= plan.first_day + plan.days)
      continue;
    if (found != nullptr) return nullptr;
    found = &flight;
  }
  return found;
}

}  // namespace

std::vector<CreativeShare> creative_shares(const std::vector<WeightedCreative>& creatives) {
  if (creatives.empty() || creatives.size() > kWhole / kLeast) return {};
  std::int64_t sum = 0;
  for (const WeightedCreative& entry : creatives) sum += entry.weight;
  // Each has its least; the rest is shared by weight, and what the divisions leave goes to the
  // first ones, a thousandth of a percent each.
  const auto free = static_cast<std::int64_t>(kWhole - kLeast * creatives.size());
  std::vector<CreativeShare> shares;
  std::uint32_t given = 0;
  for (const WeightedCreative& entry : creatives) {
    const auto part = kLeast + static_cast<std::uint32_t>(mul_div(free, entry.weight, sum));
    shares.push_back({entry.creative, part});
    given += part;
  }
  for (std::size_t i = 0; given < kWhole; ++i, ++given) ++shares[i % shares.size()].weight;
  return shares;
}

NumbersMaker::NumbersMaker(const Network& network, const Plan& plan)
    : network_(network), plan_(plan) {
  for (const AreaArm& entry : network.arms) arms_[{entry.campaign, entry.area}] = entry.arm;
  for (const LinePlan& line : plan.lines) prices_[{line.campaign, line.arm}] = line.price;
  for (const Contract& contract : network.contracts) {
    const Flight* flight = flight_of(*network.schedule.campaign(contract.campaign), plan);
    if (flight != nullptr) creatives_[contract.campaign] = creative_shares(flight->creatives);
  }
}

Numbers NumbersMaker::of(std::size_t screen) const {
  Numbers numbers;
  numbers.schedule_version = network_.schedule_version;
  numbers.schedule_sha256 = network_.schedule_sha256;
  const AreaId area = network_.screens[screen].area;
  const auto quotas = plan_.of_screen(screen);
  for (const Contract& contract : network_.contracts) {
    CampaignNumbers entry;
    entry.campaign = contract.campaign;
    entry.first_day = plan_.first_day;
    if (const auto arm = arms_.find({contract.campaign, area}); arm != arms_.end()) {
      entry.arm = arm->second;
    }
    if (const auto price = prices_.find({contract.campaign, entry.arm}); price != prices_.end()) {
      entry.price = price->second;
    }
    for (const Quota& quota : quotas) {
      if (plan_.lines[quota.line].campaign != contract.campaign) continue;
      const auto goals = plan_.goals(quota);
      entry.goal_milli.assign(goals.begin(), goals.end());
      entry.phase = quota.phase;
      const auto creatives = creatives_.find(contract.campaign);
      if (creatives != creatives_.end()) entry.creative_weight = creatives->second;
    }
    numbers.campaigns.push_back(std::move(entry));
  }
  return numbers;
}

}  // namespace vitrine::plan
