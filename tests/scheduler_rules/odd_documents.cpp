#include "odd_documents.hpp"

#include <limits>

namespace vitrine::testing {
namespace {

constexpr std::int64_t kFirstDayOfAll = -719'528;  // 0000-01-01
constexpr std::int64_t kLastDayOfAll = 2'932'896;  // 9999-12-31
constexpr std::uint32_t kMostGoal_milli = 86'400'000;
constexpr std::uint32_t kMost32 = std::numeric_limits<std::uint32_t>::max();

Hash256 file_of(CreativeId creative, VariantId variant) {
  Hash256 hash{};
  for (int byte = 0; byte < 4; ++byte) {
    hash[static_cast<std::size_t>(byte)] = static_cast<std::uint8_t>(creative >> 8 * byte);
  }
  hash[4] = static_cast<std::uint8_t>(variant);
  return hash;
}

void add_creative(Schedule& schedule, CreativeId id, std::uint32_t length_ms,
                  VariantId variants = 1) {
  Creative creative;
  creative.id = id;
  creative.length_ms = length_ms;
  for (VariantId variant = 1; variant <= variants; ++variant) {
    const Hash256 file = file_of(id, variant);
    creative.variants.push_back({variant, {static_cast<std::uint8_t>(variant % kGroups)}, file});
    schedule.content.push_back({file, 1, "video/mp4", "c/" + std::to_string(id)});
  }
  schedule.creatives.push_back(creative);
}

// All year long, on no condition; its creatives are 10 x its id and the ones after that.
Campaign& add_campaign(Schedule& schedule, CampaignId id, std::uint32_t length_ms = 10'000,
                       std::uint32_t creatives = 1) {
  Campaign campaign;
  campaign.id = id;
  campaign.advertiser = 1;
  campaign.category = "category-" + std::to_string(id % 7);
  Flight flight;
  flight.first_day = kOddYear.first_day;
  flight.last_day = kOddYear.last_day;
  for (CreativeId creative = 10 * id; creative < 10 * id + creatives; ++creative) {
    add_creative(schedule, creative, length_ms);
    flight.creatives.push_back({creative, 1});
  }
  campaign.flights = {flight};
  schedule.campaigns.push_back(campaign);
  return schedule.campaigns.back();
}

CampaignNumbers& add_numbers(Inputs& inputs, CampaignId id, std::uint32_t goal_milli,
                             Arm arm = Arm::none) {
  if (!inputs.numbers) inputs.numbers.emplace();
  inputs.numbers->schedule_version = 1;
  CampaignNumbers numbers;
  numbers.campaign = id;
  numbers.first_day = kOddYear.first_day;
  numbers.goal_milli.assign(kOddYear.days(), goal_milli);
  numbers.arm = arm;
  inputs.numbers->campaigns.push_back(numbers);
  return inputs.numbers->campaigns.back();
}

Daypart whole_day(std::uint16_t from_minute) {
  Daypart part;
  part.from_minute = from_minute;
  part.until_minute = from_minute;  // over midnight to the same minute
  return part;
}

Profile crowded_profile() {
  Random random(1);
  Profile profile = draw_profile(random);
  for (ProfileHour& hour : profile.hours) {
    hour.footfall = kMost32;
    hour.dwell_ms = kMost32;
  }
  return profile;
}

}  // namespace

std::vector<OddDocuments> odd_documents() {
  std::vector<OddDocuments> all;
  const auto add = [&](const char* name) -> Inputs& {
    all.push_back({name, {}, true});
    return all.back().inputs;
  };
  const auto add_silent = [&](const char* name) -> Inputs& {
    all.push_back({name, {}, false});
    return all.back().inputs;
  };

  add_silent("nothing at all");
  {
    Inputs& in = add_silent("no campaigns, a loop of one creative twice");
    add_creative(in.schedule, 1, 10'000);
    in.schedule.house = {1, 1};
  }
  {
    Inputs& in = add_silent("one campaign whose numbers have no goals");
    add_campaign(in.schedule, 1);
    add_numbers(in, 1, 0).goal_milli.clear();
  }
  {
    Inputs& in = add("every cap is one");
    for (CampaignId id = 1; id <= 5; ++id) {
      Campaign& campaign = add_campaign(in.schedule, id, 10'000, 2);
      campaign.rules.hourly_cap = 1;
      campaign.rules.daily_cap = 1;
      campaign.max_plays_day = 1;
      if (id % 2 == 0) add_numbers(in, id, 1'000);
    }
  }
  {
    Inputs& in = add("every number is as large as it may be");
    in.profile = crowded_profile();
    for (CampaignId id = kMost32 / 10 - 3; id <= kMost32 / 10; ++id) {
      Campaign& campaign = add_campaign(in.schedule, id, 3'600'000);
      campaign.id = id * 10;
      campaign.weight = 10'000;
      campaign.rules.hourly_cap = kMost32;
      campaign.rules.daily_cap = kMost32;
      campaign.max_plays_day = kMost32;
      campaign.currency = Currency::ots;
      if (id % 2 == 0) continue;
      CampaignNumbers& numbers = add_numbers(in, campaign.id, kMostGoal_milli);
      numbers.goal_milli.assign(1'000, kMostGoal_milli);
      numbers.price = id % 4 == 1 ? 9'007'199'254'740'991 : -9'007'199'254'740'991;
      numbers.phase = 999;
    }
  }
  {
    Inputs& in = add("a separation of a day, beside a house loop");
    for (const CreativeId creative : {1, 2}) {
      add_creative(in.schedule, creative, 10'000);
      in.schedule.house.push_back(creative);
    }
    for (CampaignId id = 1; id <= 3; ++id) {
      add_campaign(in.schedule, id, 10'000, 2).rules.separation_s = 86'400;
      if (id == 1) add_numbers(in, id, 5'000);
    }
  }
  {
    Inputs& in = add("dayparts of 24 hours, from midnight and from noon, and of one minute");
    add_campaign(in.schedule, 1).dayparts = {whole_day(0)};
    add_campaign(in.schedule, 2).dayparts = {whole_day(720)};
    Daypart minute;
    minute.from_minute = 1'439;
    minute.until_minute = 1'440;
    add_campaign(in.schedule, 3).dayparts.assign(100, minute);
    add_numbers(in, 2, 2'500);
    add_numbers(in, 3, 1'000);
  }
  {
    Inputs& in = add_silent("dayparts on no weekday");
    Daypart never;
    never.weekdays = 0;
    add_campaign(in.schedule, 1).dayparts = {never};
    in.settings.emplace();
    in.settings->origins = {"https://origin.example"};
    in.settings->display_hours = {never};
  }
  {
    Inputs& in = add_silent("flights long past and far ahead");
    Flight& past = add_campaign(in.schedule, 1).flights.front();
    past.first_day = kFirstDayOfAll;
    past.last_day = kFirstDayOfAll;
    Flight& ahead = add_campaign(in.schedule, 2).flights.front();
    ahead.first_day = kLastDayOfAll;
    ahead.last_day = kLastDayOfAll;
    add_numbers(in, 1, 1'000).first_day = kFirstDayOfAll;
    add_numbers(in, 2, 1'000).first_day = kLastDayOfAll;
  }
  {
    Inputs& in = add("a flight of all days there are");
    for (CampaignId id = 1; id <= 2; ++id) {
      Flight& ever = add_campaign(in.schedule, id).flights.front();
      ever.first_day = kFirstDayOfAll;
      ever.last_day = kLastDayOfAll;
    }
    add_numbers(in, 2, kMostGoal_milli).first_day = kFirstDayOfAll;
  }
  {
    Inputs& in = add("weights of 1 and 10,000");
    in.schedule.sov_basis = SovBasis::time;
    for (CampaignId id = 1; id <= 4; ++id) {
      Campaign& campaign = add_campaign(in.schedule, id, id % 2 == 0 ? 3'600'000 : 1'000, 3);
      campaign.weight = id % 2 == 0 ? 1 : 10'000;
      campaign.flights.front().creatives[1].weight = 10'000;
    }
  }
  {
    Inputs& in = add("creatives of a second, one after the other");
    for (CampaignId id = 1; id <= 3; ++id) add_campaign(in.schedule, id, 1'000, 2);
    add_numbers(in, 1, 43'200'000);
    add_numbers(in, 2, 43'200'000);
  }
  {
    Inputs& in = add("sixty-four campaigns that all exclude one another, with all numbers");
    in.profile = crowded_profile();
    for (CampaignId id = 1; id <= 64; ++id) {
      Campaign& campaign = add_campaign(in.schedule, id, 10'000 + id, 2);
      campaign.klass = static_cast<CampaignClass>(id % 4);
      for (int category = 0; category < 7; ++category) {
        campaign.rules.exclude_categories.push_back("category-" + std::to_string(category));
      }
      if (id % 3 != 0) add_numbers(in, id, 1'000 * id, static_cast<Arm>(id % 3));
    }
  }
  {
    Inputs& in = add_silent("a control arm and only its own kind beside it");
    for (CampaignId id = 1; id <= 2; ++id) add_campaign(in.schedule, id).category = "same";
    add_numbers(in, 1, 3'000, Arm::control);
    add_numbers(in, 2, 3'000);
  }
  {
    Inputs& in = add("sixty-four variants and a hundred flights of a day");
    in.profile = crowded_profile();
    Campaign& campaign = add_campaign(in.schedule, 1);
    add_creative(in.schedule, 99, 10'000, 64);
    campaign.flights.clear();
    for (std::int64_t day = 0; day < 100; ++day) {
      Flight flight;
      flight.first_day = flight.last_day = kOddYear.first_day + 3 * day;
      flight.creatives = {{99, 1}};
      campaign.flights.push_back(flight);
    }
    add_numbers(in, 1, 9'999);
  }
  for (OddDocuments& odd : all) odd.inputs.content = all_content(odd.inputs.schedule);
  return all;
}

}  // namespace vitrine::testing
