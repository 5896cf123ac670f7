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
  for (std::size_t i = 0; i < network.contracts.size(); ++i) {
    const CampaignId id = network.contracts[i].campaign;
    const Campaign& campaign = *network.schedule.campaign(id);
    contracts_[id] = i;
    if (campaign.klass != CampaignClass::guaranteed) always_named_.push_back(i);
    const Flight* flight = flight_of(campaign, plan);
    if (flight != nullptr) creatives_[id] = creative_shares(flight->creatives);
  }
}

Numbers NumbersMaker::of(std::size_t screen) const {
  Numbers numbers;
  numbers.schedule_version = network_.schedule_version;
  numbers.schedule_sha256 = network_.schedule_sha256;
  const AreaId area = network_.screens[screen].area;
  std::map<std::size_t, CampaignNumbers> named;  // by contract
  const auto name = [&](std::size_t contract) -> CampaignNumbers& {
    const auto [entry, fresh] = named.try_emplace(contract);
    if (!fresh) return entry->second;
    entry->second.campaign = network_.contracts[contract].campaign;
    entry->second.first_day = plan_.first_day;
    const auto arm = arms_.find({entry->second.campaign, area});
    if (arm != arms_.end()) entry->second.arm = arm->second;
    return entry->second;
  };
  for (const std::size_t contract : always_named_) name(contract);
  for (const Quota& quota : plan_.of_screen(screen)) {
    const auto goals = plan_.goals(quota);
    if (std::all_of(goals.begin(), goals.end(), [](std::uint32_t goal) { return goal == 0; }))
      continue;
    const LinePlan& line = plan_.lines[quota.line];
    CampaignNumbers& entry = name(contracts_.at(line.campaign));
    entry.goal_milli.assign(goals.begin(), goals.end());
    entry.phase = quota.phase;
    entry.price = line.price;
    const auto creatives = creatives_.find(line.campaign);
    if (creatives != creatives_.end()) entry.creative_weight = creatives->second;
  }
  for (auto& [contract, entry] : named) numbers.campaigns.push_back(std::move(entry));
  return numbers;
}

}  // namespace vitrine::plan
