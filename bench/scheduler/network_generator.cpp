#include "network_generator.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "random.hpp"

namespace vitrine::bench {

using testing::Random;

namespace {

constexpr std::array<const char*, 5> kScenes = {"community", "office", "transit", "retail",
                                                "services"};

// Persons an hour in percent of the area's usual, for a residential, an office and a shopping
// place.
constexpr std::uint32_t kShapes[3][24] = {
    {5, 5, 5, 5, 5, 10, 60, 100, 90, 50, 40, 40, 50, 50, 40, 50, 70, 100, 110, 100, 80, 60, 40, 20},
    {5, 5, 5, 5, 5, 5, 20, 60, 120, 90, 50, 60, 120, 110, 50, 50, 60, 110, 90, 30, 15, 10, 5, 5},
    {5, 5, 5, 5, 5, 5, 5, 10, 20, 40, 70, 90, 100, 90, 80, 90, 100, 110, 120, 120, 90, 60, 30, 10}};

Profile make_profile(AreaId area, Random& random) {
  Profile profile;
  profile.area = area;
  profile.scene = kScenes[random.below(5)];
  profile.zone = "Asia/Shanghai";
  profile.group_system = "ten";
  profile.n_sample = 1000;
  const std::uint32_t shape = random.below(3);
  const std::uint32_t usual = 100 + random.below(1'900);
  const std::uint32_t dwell = 5'000 + random.below(55'000);
  const std::uint32_t at_home[2] = {random.below(10), random.below(10)};
  std::array<std::uint32_t, 24> guest{};  // the group that comes at that hour
  for (auto& group : guest) group = random.below(10);
  for (std::size_t hour = 0; hour < profile.hours.size(); ++hour) {
    ProfileHour& made = profile.hours[hour];
    std::array<std::uint32_t, 10> weight{};
    std::uint32_t sum = 0;
    for (std::uint32_t group = 0; group < 10; ++group) {
      weight[group] = 20 + random.below(60);
      if (group == at_home[0] || group == at_home[1]) weight[group] += 200;
      if (group == guest[hour % 24]) weight[group] += 150;
      sum += weight[group];
    }
    std::uint32_t left = 10'000;
    for (std::size_t group = 0; group < 9; ++group) {
      made.share[group] = static_cast<std::uint16_t>(weight[group] * 10'000 / sum);
      left -= made.share[group];
    }
    made.share[9] = static_cast<std::uint16_t>(left);
    made.footfall = usual * kShapes[shape][hour % 24] / 100;
    made.dwell_ms = dwell;
  }
  return profile;
}

Campaign make_campaign(CampaignId id, const NetworkShape& shape, Random& random) {
  Campaign campaign;
  campaign.id = id;
  campaign.label = "campaign " + std::to_string(id);
  campaign.advertiser = id;
  campaign.klass = CampaignClass::guaranteed;
  campaign.currency = random.below(2) == 0 ? Currency::avg : Currency::ots;
  campaign.category = "category " + std::to_string(random.below(12));
  const std::uint32_t groups = 1 + random.below(3);
  for (std::uint32_t i = 0; i < groups; ++i) {
    const auto group = static_cast<std::uint8_t>(random.below(10));
    if (std::find(campaign.target_groups.begin(), campaign.target_groups.end(), group) ==
        campaign.target_groups.end()) {
      campaign.target_groups.push_back(group);
    }
  }
  campaign.flights = {{FlightPhase::launch, kDay, kDay + 27, {{2 * id - 1, 1}, {2 * id, 1}}}};
  if (!shape.rules) return campaign;
  campaign.rules.separation_s = 60 * (1 + random.below(4));
  if (random.below(4) == 0) campaign.rules.hourly_cap = 10 + random.below(40);
  if (random.below(4) == 0) campaign.max_plays_day = 150 + random.below(300);
  if (random.below(4) == 0) {
    campaign.rules.exclude_categories = {"category " + std::to_string(random.below(12))};
  }
  return campaign;
}

void add_creative(Schedule& schedule, CreativeId id, std::uint32_t length_ms) {
  Hash256 content{};
  for (std::size_t i = 0; i < 4; ++i) content[i] = static_cast<std::uint8_t>(id >> 8 * i);
  schedule.creatives.push_back({id, "", length_ms, false, {{id, {}, content}}});
}

}  // namespace

plan::Network make_network(const NetworkShape& shape) {
  Random random(shape.seed);
  plan::Network network;
  network.schedule_version = 1;
  for (AreaId area = 1; area <= shape.areas; ++area) {
    network.profiles[area] = make_profile(area, random);
  }
  for (std::uint32_t i = 0; i < shape.screens; ++i) {
    char name[32];
    std::snprintf(name, sizeof name, "screen-%06u", i);
    network.screens.push_back({name, 1 + i % shape.areas, "Asia/Shanghai", shape.from_hour,
                               shape.until_hour, shape.slot_ms});
  }
  std::vector<std::int64_t> parts;
  std::int64_t sum = 0;
  for (CampaignId id = 1; id <= shape.campaigns; ++id) {
    network.schedule.campaigns.push_back(make_campaign(id, shape, random));
    add_creative(network.schedule, 2 * id - 1, shape.slot_ms);
    add_creative(network.schedule, 2 * id, shape.slot_ms);
    parts.push_back(100 + random.below(900));
    sum += parts.back();
  }
  for (CreativeId house = 1; house <= 2; ++house) {
    add_creative(network.schedule, 2 * shape.campaigns + house, shape.slot_ms);
    network.schedule.house.push_back(2 * shape.campaigns + house);
  }
  const std::int64_t hours = std::int64_t{shape.days} * (shape.until_hour - shape.from_hour);
  const std::int64_t slots = shape.screens * hours * (3'600'000 / shape.slot_ms);
  for (CampaignId id = 1; id <= shape.campaigns; ++id) {
    const std::int64_t goal = slots * shape.load_permille / 1000 * parts[id - 1] / sum;
    network.contracts.push_back({id, plan::GoalUnit::plays, goal, kDay, kDay + shape.days - 1});
  }
  return network;
}

std::map<AreaId, Profile> other_footfall(const std::map<AreaId, Profile>& profiles,
                                         std::uint32_t most_percent, std::uint64_t seed) {
  Random random(seed);
  std::map<AreaId, Profile> others = profiles;
  for (auto& [area, profile] : others) {
    for (ProfileHour& hour : profile.hours) {
      const std::uint64_t permille =
          1'000 - 10 * most_percent + random.below(20 * most_percent + 1);
      hour.footfall = static_cast<std::uint32_t>(hour.footfall * permille / 1'000);
    }
  }
  return others;
}

void sell_impressions(plan::Network& network, const plan::Plan& plan) {
  for (plan::Contract& contract : network.contracts) {
    contract.unit = plan::GoalUnit::impressions;
    contract.goal = 0;
    for (const plan::LinePlan& line : plan.lines) {
      if (line.campaign == contract.campaign) contract.goal += line.planned_imp_milli / 1'000;
    }
  }
}

}  // namespace vitrine::bench
