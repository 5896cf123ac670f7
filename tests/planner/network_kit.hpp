// Networks to plan: small ones from a seed, the same on every CPU.
#pragma once

#include <string>

#include "planner/allocate.hpp"
#include "random.hpp"

namespace vitrine::testing {

inline constexpr std::int64_t kMonday = 20'780;  // 2026-11-23

inline Campaign campaign(CampaignId id, std::vector<std::uint8_t> groups = {}) {
  Campaign made;
  made.id = id;
  made.advertiser = id;
  made.klass = CampaignClass::guaranteed;
  made.target_groups = std::move(groups);
  Flight flight;
  flight.first_day = kMonday - 100;
  flight.last_day = kMonday + 100;
  flight.creatives = {{10 * id, 1}};
  made.flights = {flight};
  return made;
}

inline Profile profile(AreaId area, Random& random) {
  Profile made;
  made.area = area;
  made.zone = "Europe/Berlin";
  for (ProfileHour& hour : made.hours) {
    std::uint32_t left = 10'000;
    for (std::size_t group = 0; group < 9; ++group) {
      hour.share[group] = static_cast<std::uint16_t>(random.below(left / 3 + 1));
      left -= hour.share[group];
    }
    hour.share[9] = static_cast<std::uint16_t>(left);
    hour.footfall = 10 + random.below(2'000);
    hour.dwell_ms = 2'000 + random.below(60'000);
  }
  return made;
}

inline std::string screen_name(std::size_t i) {
  const std::string digits = std::to_string(i);
  return "s" + std::string(5 - std::min<std::size_t>(digits.size(), 5), '0') + digits;
}

inline void add_screen(plan::Network& network, AreaId area, std::uint16_t from = 8,
                       std::uint16_t until = 20, std::uint32_t slot_ms = 60'000) {
  network.screens.push_back(
      {screen_name(network.screens.size()), area, "Europe/Berlin", from, until, slot_ms});
}

inline void sell(plan::Network& network, const Campaign& sold, std::int64_t goal,
                 plan::GoalUnit unit = plan::GoalUnit::plays) {
  network.schedule.campaigns.push_back(sold);
  network.contracts.push_back({sold.id, unit, goal, kMonday, kMonday + 6});
}

// A few screens in a few areas and campaigns with every kind of rule.
inline plan::Network random_network(std::uint64_t seed, bool with_rules = true) {
  Random random(seed);
  plan::Network network;
  const std::uint32_t areas = 1 + random.below(4);
  for (AreaId area = 1; area <= areas; ++area) {
    network.profiles[area] = profile(area, random);
    const std::uint32_t screens = 1 + random.below(5);
    for (std::uint32_t i = 0; i < screens; ++i) {
      // One draw a statement: compilers evaluate arguments in different orders.
      const auto from = static_cast<std::uint16_t>(random.below(20));
      const auto until = static_cast<std::uint16_t>(from + 1 + random.below(4));
      const std::uint32_t slot_ms = 60'000 + 1'000 * random.below(3);
      add_screen(network, area, from, until, slot_ms);
    }
  }
  const std::uint32_t campaigns = 1 + random.below(7);
  for (CampaignId id = 1; id <= campaigns; ++id) {
    Campaign made = campaign(id, {static_cast<std::uint8_t>(random.below(10))});
    if (random.one_in(2)) made.currency = Currency::ots;
    made.klass = static_cast<CampaignClass>(random.below(3));
    made.category = std::string(1, static_cast<char>('a' + random.below(3)));
    if (with_rules) {
      if (random.one_in(2)) made.rules.separation_s = 120 + random.below(3'000);
      if (random.one_in(3)) made.rules.hourly_cap = 1 + random.below(20);
      if (random.one_in(3)) made.rules.daily_cap = 1 + random.below(30);
      if (random.one_in(4)) made.max_plays_day = 1 + random.below(30);
      if (random.one_in(3)) {
        made.rules.exclude_categories = {std::string(1, static_cast<char>('a' + random.below(3)))};
        std::erase(made.rules.exclude_categories, made.category);
      }
      if (random.one_in(3)) {
        Daypart part;
        part.from_minute = static_cast<std::uint16_t>(random.below(1'440));
        part.until_minute = static_cast<std::uint16_t>(1 + random.below(1'440));
        part.weekdays = static_cast<std::uint8_t>(random.below(128));
        made.dayparts = {part};
      }
      if (random.one_in(4)) {
        for (AreaId area = 1; area <= areas; ++area) {
          if (random.one_in(4)) continue;
          network.arms.push_back({id, area, random.one_in(2) ? Arm::treated : Arm::control});
        }
      }
    }
    const bool impressions = random.one_in(4);
    const std::int64_t goal = 1 + random.below(impressions ? 4'000 : 400);
    sell(network, made, goal, impressions ? plan::GoalUnit::impressions : plan::GoalUnit::plays);
  }
  return network;
}

}  // namespace vitrine::testing
