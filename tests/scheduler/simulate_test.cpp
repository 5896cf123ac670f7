#include "scheduler/simulate.hpp"

#include <doctest/doctest.h>

#include <map>

#include "base/time.hpp"
#include "platform/time_zone.hpp"
#include "protocol/quota.hpp"
#include "world.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

// A month of a screen with quotas of every kind, beside shares, rules and a house loop.
void fill(World& world) {
  for (std::size_t hour = 0; hour < kHoursOfWeek; ++hour) {
    ProfileHour& entry = world.profile.hours[hour];
    entry.footfall = static_cast<std::uint32_t>(40 + hour * 37 % 300);
    entry.dwell_ms = static_cast<std::uint32_t>(5'000 + hour * 991 % 40'000);
    for (std::size_t group = 0; group < kGroups; ++group) entry.share[group] = 1'000;
    entry.share[hour % kGroups] += 500;
    entry.share[(hour + 3) % kGroups] -= 500;
  }
  world.input.documents.profile = &world.profile;
  for (CampaignId id = 1; id <= 12; ++id) {
    Campaign& campaign = world.add_campaign(id, 1 + id % 4);
    campaign.flights[0].first_day = kMonday;
    campaign.flights[0].last_day = kMonday + 30;
    campaign.target_groups = {static_cast<std::uint8_t>(id % kGroups)};
    campaign.currency = id % 2 == 0 ? Currency::ots : Currency::avg;
    if (id % 3 == 0) campaign.rules.separation_s = 60 * id;
    if (id % 4 == 0) campaign.rules.hourly_cap = 7;
    if (id == 5) campaign.rules.exclude_categories = {"category-6"};
    if (id > 8) continue;
    CampaignNumbers numbers{id, kMonday, {}, 100 * std::int64_t{id}, 0, Arm::none, {}};
    numbers.phase = static_cast<std::uint16_t>(id * 111 % 1'000);
    for (std::uint32_t day = 0; day < 31; ++day) {
      numbers.goal_milli.push_back(20'000 + (day * 7'919 + id * 104'729) % 90'000);
    }
    if (id == 8) numbers.arm = Arm::control;
    world.numbers.campaigns.push_back(numbers);
  }
  world.input.documents.numbers = &world.numbers;
  world.add_house(900);
  world.add_house(901);
}

}  // namespace

TEST_CASE("simulated days meet every quota to the play, ghosts included, whatever the zone does") {
  for (const char* name : {"Europe/Berlin", "America/New_York"}) {
    CAPTURE(name);
    World world;
    fill(world);
    // The day of 25 hours is the second one.
    const std::int64_t from = days_from_civil({2025, 10, 25}) + (name[0] == 'E' ? 0 : 7);
    for (auto& numbers : world.numbers.campaigns) numbers.first_day = from;
    for (auto& campaign : world.schedule.campaigns) {
      campaign.flights[0].first_day = from;
      campaign.flights[0].last_day = from + 30;
    }
    auto zone = load_zone(name, 1'577'836'800, 2'524'608'000);
    REQUIRE(zone);
    const std::int64_t midnight = from * 86'400 - zone->offset_at(from * 86'400);
    SimulatedScreen screen(world.input.documents, *zone, midnight * 1'000);
    std::map<CampaignId, std::int64_t> plays;
    std::int64_t day = from;
    while (day < from + 2) {
      const SimulatedSlot slot = screen.next();
      for (; day < slot.local_day; ++day) {
        for (const CampaignNumbers& numbers : world.numbers.campaigns) {
          CAPTURE(numbers.campaign);
          REQUIRE(plays[numbers.campaign] ==
                  quota_due(numbers.goal_milli, numbers.phase, day - from));
        }
      }
      if (day >= from + 2) break;
      for (const Ghost& ghost : slot.decision.ghosts) ++plays[ghost.campaign];
      ++plays[slot.decision.campaign];
    }
  }
}

TEST_CASE(
    "outside the display hours nothing is decided, and the plays move to the hours it is lit") {
  World world;
  fill(world);
  Settings settings;
  Daypart open;
  open.from_minute = 8 * 60;
  open.until_minute = 20 * 60 + 30;
  settings.display_hours = {open};
  world.input.documents.settings = &settings;
  SimulatedScreen screen(world.input.documents, {}, kMonday * 86'400'000);
  std::map<CampaignId, std::int64_t> plays;
  for (;;) {
    const SimulatedSlot slot = screen.next();
    if (slot.local_day != kMonday) break;
    const std::int64_t minute = slot.utc_ms / 60'000 % 1'440;
    REQUIRE(slot.dark == (minute < 480 || minute >= 1'230));
    if (!slot.dark) ++plays[slot.decision.campaign];
    for (const Ghost& ghost : slot.decision.ghosts) ++plays[ghost.campaign];
  }
  for (const CampaignNumbers& numbers : world.numbers.campaigns) {
    CAPTURE(numbers.campaign);
    CHECK(plays[numbers.campaign] == quota_due(numbers.goal_milli, numbers.phase, 0));
  }
}

TEST_CASE("a simulated month is the same on every CPU") {
  World world;
  fill(world);
  SimulatedScreen screen(world.input.documents, {}, kMonday * 86'400'000);
  std::uint64_t hash = 14'695'981'039'346'656'037u;  // FNV-1a
  const auto mix = [&](std::uint64_t value) { hash = (hash ^ value) * 1'099'511'628'211u; };
  for (;;) {
    const SimulatedSlot slot = screen.next();
    if (slot.local_day == kMonday + 31) break;
    mix(slot.decision.creative);
    mix(static_cast<std::uint64_t>(slot.decision.reason));
    mix(slot.decision.runner_up);
    for (const Ghost& ghost : slot.decision.ghosts) mix(ghost.creative);
  }
  CHECK(hash == 736283799949084718u);
}
