#include "draw_documents.hpp"

#include <algorithm>

namespace vitrine::testing {
namespace {

constexpr std::array<const char*, 5> kCategories = {"", "cars", "bread", "phones", "soap"};
constexpr std::uint32_t kMinutesADay = 1'440;
constexpr std::uint32_t kLongestSeparation_s = 86'400;

std::uint32_t between(Random& random, std::uint32_t least, std::uint32_t most) {
  return least + random.below(most - least + 1);
}

std::int64_t day_near(Random& random, const DrawFrame& frame) {
  return frame.first_day - 1 + random.below(frame.days() + 2);
}

Daypart draw_daypart(Random& random, const DrawFrame& frame) {
  Daypart part;
  if (random.one_in(2)) part.weekdays = static_cast<std::uint8_t>(random.below(128));
  part.from_minute = static_cast<std::uint16_t>(random.below(kMinutesADay));
  part.until_minute = static_cast<std::uint16_t>(random.below(kMinutesADay + 1));
  // Whole hours meet the edges of the plan; the same minute twice is a day from there on.
  if (random.one_in(2)) part.from_minute -= part.from_minute % 60;
  if (random.one_in(2)) part.until_minute -= part.until_minute % 60;
  if (random.one_in(16)) part.until_minute = part.from_minute;
  for (std::int64_t day = frame.first_day - 1; day <= frame.last_day + 1; ++day) {
    if (random.one_in(8)) {
      part.except_days.push_back(day);
    } else if (random.one_in(8)) {
      part.extra_days.push_back(day);
    }
  }
  return part;
}

std::uint32_t draw_length(Random& random, const DrawFrame& frame) {
  if (random.one_in(12)) return 0;
  if (random.one_in(40)) return 1'000 * between(random, 1, 1'800);
  return frame.length_ms / 2 + random.below(frame.length_ms);
}

Hash256 draw_hash(Random& random) {
  Hash256 hash{};
  for (std::uint8_t& byte : hash) byte = static_cast<std::uint8_t>(random.below(256));
  return hash;
}

Creative draw_creative(Random& random, const DrawFrame& frame, CreativeId id,
                       std::vector<ContentItem>& content) {
  Creative creative;
  creative.id = id;
  creative.length_ms = draw_length(random, frame);
  const std::uint32_t variants = random.one_in(3) ? between(random, 2, 4) : 1;
  for (VariantId variant = 1; variant <= variants; ++variant) {
    Variant made;
    made.id = variant;
    for (std::uint8_t group = 0; variant > 1 && group < kGroups; ++group) {
      if (random.one_in(4)) made.groups.push_back(group);
    }
    // Now and then two variants are one file.
    if (!content.empty() && random.one_in(20)) {
      made.content = content[random.below(static_cast<std::uint32_t>(content.size()))].sha256;
    } else {
      made.content = draw_hash(random);
      content.push_back({made.content, 1'000, "video/mp4",
                         "c/" + std::to_string(id) + "-" + std::to_string(variant)});
    }
    creative.variants.push_back(std::move(made));
  }
  return creative;
}

CampaignRules draw_rules(Random& random) {
  CampaignRules rules;
  if (random.one_in(3)) {
    constexpr std::array<std::uint32_t, 4> kMost = {60, 600, 3'600, kLongestSeparation_s};
    rules.separation_s = between(random, 1, kMost[random.below(4)]);
  }
  if (random.one_in(4)) rules.hourly_cap = between(random, 1, 8);
  if (random.one_in(4)) rules.daily_cap = between(random, 1, 40);
  if (random.one_in(10)) rules.position = SlotPosition::first;
  if (random.one_in(10)) rules.position = SlotPosition::last;
  if (random.one_in(3)) rules.daypart_end = DaypartEnd::cut;
  if (random.one_in(3)) rules.exclude_categories.push_back(kCategories[random.below(5)]);
  if (random.one_in(9)) rules.exclude_categories.push_back(kCategories[random.below(5)]);
  return rules;
}

// One after the other, some days apart or not; now and then all of them before or after the run.
std::vector<Flight> draw_flights(Random& random, const DrawFrame& frame,
                                 const std::vector<CreativeId>& creatives) {
  std::vector<Flight> flights;
  std::int64_t day = frame.first_day - random.below(4);
  if (random.one_in(10)) day += 3'000;
  if (random.one_in(10)) day -= 3'000;
  const std::uint32_t count = random.one_in(2) ? between(random, 2, 4) : 1;
  for (std::uint32_t i = 0; i < count; ++i) {
    Flight flight;
    flight.phase = static_cast<FlightPhase>(random.below(4));
    flight.first_day = day;
    flight.last_day =
        day + (count == 1 ? 1 + random.below(3 * frame.days()) : random.below(frame.days()));
    day = flight.last_day + 1 + (random.one_in(3) ? random.below(2) : 0);
    for (const CreativeId creative : creatives) {
      const bool kept = flight.creatives.empty() || !random.one_in(4);
      const std::uint32_t weight = random.one_in(9) ? 10'000 : between(random, 1, 9);
      if (kept) flight.creatives.push_back({creative, weight});
    }
    flights.push_back(std::move(flight));
  }
  // Their order says nothing.
  if (random.one_in(2)) std::reverse(flights.begin(), flights.end());
  return flights;
}

Campaign draw_campaign(Random& random, const DrawFrame& frame, CampaignId id,
                       const std::vector<CreativeId>& creatives) {
  Campaign campaign;
  campaign.id = id;
  campaign.advertiser = 1 + random.below(5);
  campaign.category = kCategories[random.below(5)];
  campaign.klass = static_cast<CampaignClass>(random.below(4));
  if (random.one_in(2)) campaign.currency = Currency::ots;
  for (std::uint8_t group = 0; group < kGroups; ++group) {
    if (random.one_in(5)) campaign.target_groups.push_back(group);
  }
  if (random.one_in(4)) campaign.max_plays_day = between(random, 1, 60);
  campaign.weight = random.one_in(9) ? 10'000 : between(random, 1, 20);
  campaign.flights = draw_flights(random, frame, creatives);
  if (random.one_in(3)) {
    const std::uint32_t parts = between(random, 1, 3);
    for (std::uint32_t i = 0; i < parts; ++i) {
      campaign.dayparts.push_back(draw_daypart(random, frame));
    }
  }
  // A third has none, or few would ever be free to play.
  if (!random.one_in(3)) campaign.rules = draw_rules(random);
  return campaign;
}

}  // namespace

Schedule draw_schedule(Random& random, const DrawFrame& frame) {
  Schedule schedule;
  if (random.one_in(2)) schedule.sov_basis = SovBasis::time;
  const std::uint32_t campaigns = random.one_in(5) ? 1 : random.below(8);
  CreativeId next = 1 + random.below(50);
  CampaignId id = 0;
  for (std::uint32_t i = 0; i < campaigns; ++i) {
    std::vector<CreativeId> creatives;
    const std::uint32_t count = between(random, 1, 3);
    for (std::uint32_t k = 0; k < count; ++k) {
      creatives.push_back(next);
      schedule.creatives.push_back(draw_creative(random, frame, next, schedule.content));
      next += 1 + random.below(3);
    }
    // What belongs to somebody else as well.
    const CreativeId shared = schedule.creatives.front().id;
    if (random.one_in(10) && creatives.front() != shared) creatives.push_back(shared);
    id += 1 + random.below(9);
    schedule.campaigns.push_back(draw_campaign(random, frame, id, creatives));
  }
  // Neither is their order by id.
  if (random.one_in(2)) std::reverse(schedule.campaigns.begin(), schedule.campaigns.end());
  const std::uint32_t house = random.one_in(3) ? 0 : between(random, 1, 3);
  for (std::uint32_t i = 0; i < house; ++i) {
    schedule.house.push_back(next);
    schedule.creatives.push_back(draw_creative(random, frame, next, schedule.content));
    ++next;
  }
  if (house != 0 && random.one_in(3)) schedule.house.push_back(schedule.creatives.front().id);
  return schedule;
}

Numbers draw_numbers(Random& random, const DrawFrame& frame, const Schedule& schedule) {
  Numbers numbers;
  numbers.schedule_version = 1;
  constexpr std::array<std::uint32_t, 3> kMostPlays = {10, 150, 600};
  const std::uint32_t most_plays = kMostPlays[random.below(3)];
  for (const Campaign& campaign : schedule.campaigns) {
    if (random.one_in(3)) continue;
    CampaignNumbers entry;
    entry.campaign = campaign.id;
    entry.first_day = day_near(random, frame);
    const std::uint32_t most =
        1'000 *
        (campaign.max_plays_day == 0 ? most_plays : std::min(most_plays, campaign.max_plays_day));
    const std::uint32_t days = random.one_in(9) ? 0 : between(random, 2, frame.days() + 2);
    for (std::uint32_t day = 0; day < days; ++day) {
      entry.goal_milli.push_back(random.one_in(6) ? 0 : random.below(most + 1));
    }
    entry.price = std::int64_t{random.below(4'000)} - 1'000;
    entry.phase = static_cast<std::uint16_t>(random.below(1'000));
    entry.arm = static_cast<Arm>(random.below(3));
    const auto& creatives = campaign.flights.front().creatives;
    if (random.one_in(2)) {
      std::uint32_t left = 10'000;
      for (std::size_t i = 0; i < creatives.size(); ++i) {
        const auto rest = static_cast<std::uint32_t>(creatives.size() - i - 1);
        std::uint32_t weight = left;
        if (rest != 0) weight = between(random, 500, left - 500 * rest);
        entry.creative_weight.push_back({creatives[i].creative, weight});
        left -= weight;
      }
    }
    numbers.campaigns.push_back(std::move(entry));
  }
  return numbers;
}

Profile draw_profile(Random& random) {
  Profile profile;
  profile.area = 1;
  profile.scene = "retail";
  profile.zone = "Etc/UTC";
  profile.group_system = "ten";
  // Flat ones make ties.
  const bool flat = random.one_in(4);
  for (ProfileHour& hour : profile.hours) {
    std::uint32_t left = 10'000;
    for (std::size_t group = 0; group < kGroups; ++group) {
      const auto rest = static_cast<std::uint32_t>(kGroups - group - 1);
      std::uint32_t share = left;
      if (rest != 0) share = flat ? 1'000 : random.below(left / 2 + 1);
      hour.share[group] = static_cast<std::uint16_t>(share);
      left -= share;
    }
    hour.footfall = random.below(2'000);
    hour.dwell_ms = random.below(60'000);
  }
  return profile;
}

Settings draw_settings(Random& random, const DrawFrame& frame) {
  Settings settings;
  settings.origins = {"https://origin.example"};
  if (random.one_in(2)) return settings;
  const std::uint32_t parts = between(random, 1, 2);
  for (std::uint32_t i = 0; i < parts; ++i) {
    settings.display_hours.push_back(draw_daypart(random, frame));
  }
  return settings;
}

Takeover draw_takeover(Random& random, std::int64_t from_utc_s, std::int64_t until_utc_s) {
  Takeover takeover;
  // Not of the schedule's ids.
  constexpr CreativeId kFirst = 1'000'000;
  DrawFrame frame;
  takeover.creatives.push_back(draw_creative(random, frame, kFirst, takeover.content));
  takeover.creatives.push_back(draw_creative(random, frame, kFirst + 1, takeover.content));
  takeover.creative = kFirst + random.below(2);
  const auto run = static_cast<std::uint32_t>(until_utc_s - from_utc_s);
  if (!random.one_in(4)) takeover.from_utc = from_utc_s + random.below(run);
  if (!random.one_in(6)) {
    takeover.until_utc = std::max(takeover.from_utc, from_utc_s) + 1 + random.below(4 * 3'600);
  }
  takeover.withdraw = random.one_in(8);
  return takeover;
}

ContentState draw_content(Random& random, const Schedule& schedule,
                          const std::optional<Takeover>& takeover) {
  ContentState content = all_content(schedule, takeover);
  const ContentState all = content;
  const std::uint32_t one_in = random.one_in(2) ? 4 : 20;
  for (const Hash256& file : all.eligible) {
    if (random.one_in(one_in)) content.eligible.erase(file);
    if (random.one_in(one_in)) content.rejected.insert(file);
    if (random.one_in(one_in)) content.quarantined.insert(file);
    if (random.one_in(2)) content.length_ms[file] = 1'000 * between(random, 1, 60);
  }
  return content;
}

void make_quota_easy(Random& random, const DrawFrame& frame, Inputs& inputs) {
  Schedule& schedule = inputs.schedule;
  if (schedule.campaigns.empty()) return;
  for (Creative& creative : schedule.creatives) {
    creative.length_ms = std::min(creative.length_ms, frame.length_ms);
  }
  Campaign& campaign = schedule.campaigns.front();
  campaign.category.clear();
  campaign.rules = {};
  campaign.dayparts.clear();
  campaign.max_plays_day = 0;
  campaign.flights.resize(1);
  campaign.flights.front().first_day = frame.first_day - 1;
  campaign.flights.front().last_day = frame.last_day + 1;
  CampaignNumbers numbers;
  numbers.campaign = campaign.id;
  numbers.first_day = frame.first_day;
  numbers.phase = static_cast<std::uint16_t>(random.below(1'000));
  numbers.price = std::int64_t{random.below(4'000)} - 1'000;
  // See quota_must_be_met in screen_state.cpp.
  const std::uint32_t most_milli = 1'000 * (1'800'000 / 4 / frame.length_ms);
  for (std::int64_t day = frame.first_day; day <= frame.last_day; ++day) {
    numbers.goal_milli.push_back(random.below(most_milli));
  }
  inputs.numbers.emplace();
  inputs.numbers->schedule_version = 1;
  inputs.numbers->campaigns.push_back(std::move(numbers));
}

}  // namespace vitrine::testing
