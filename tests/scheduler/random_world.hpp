// A small world of every kind of campaign, drawn from a seed.
#pragma once

#include "world.hpp"

namespace vitrine::testing {

inline void make_random(World& world, std::mt19937& random) {
  const auto chance = [&](unsigned one_in) { return random() % one_in == 0; };
  const std::vector<std::string> categories = {"cars", "bread", "phones"};
  const unsigned campaigns = 1 + random() % 6;
  for (CampaignId id = 1; id <= campaigns; ++id) {
    Campaign& campaign =
        world.add_campaign(id, 1 + random() % 20, 1 + static_cast<int>(random() % 3));
    campaign.category = categories[random() % 3];
    campaign.klass = static_cast<CampaignClass>(random() % 4);
    if (chance(3)) campaign.rules.separation_s = random() % 120;
    if (chance(3)) campaign.rules.hourly_cap = 1 + random() % 5;
    if (chance(3)) campaign.rules.daily_cap = 1 + random() % 20;
    if (chance(4)) campaign.max_plays_day = 1 + random() % 20;
    if (chance(3)) campaign.rules.exclude_categories = {categories[random() % 3]};
    if (chance(3)) {
      Daypart daypart;
      daypart.weekdays = static_cast<std::uint8_t>(random() % 128);
      daypart.from_minute = static_cast<std::uint16_t>(random() % 1'440);
      daypart.until_minute = static_cast<std::uint16_t>(1 + random() % 1'440);
      campaign.dayparts.push_back(daypart);
    }
    if (chance(4)) campaign.flights[0].last_day = kMonday + static_cast<int>(random() % 3) - 1;
    if (chance(3)) {
      world.numbers.campaigns.push_back({id,
                                         kMonday,
                                         {static_cast<std::uint32_t>(random() % 30'000)},
                                         0,
                                         0,
                                         chance(3) ? Arm::control : Arm::treated,
                                         {}});
    }
  }
  if (chance(2)) world.input.documents.numbers = &world.numbers;
  for (CreativeId id = 900; id < 900 + random() % 3; ++id) world.add_house(id);
  for (const Creative& creative : world.schedule.creatives) {
    if (chance(8)) world.input.content.quarantined.insert(content_of(creative.id));
    if (chance(8)) world.input.content.eligible.erase(content_of(creative.id));
  }
  if (chance(6)) world.seam().trust = ClockTrust::none;
}

}  // namespace vitrine::testing
