// Random worlds: whatever they hold, no rule is broken and the answer repeats.
#include <doctest/doctest.h>

#include <tuple>

#include "world.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

void make_random(World& world, std::mt19937& random) {
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
  if (chance(6)) world.input.seam.trust = ClockTrust::none;
}

std::int64_t plays_on(const World& world, CampaignId campaign, std::int64_t day) {
  std::int64_t plays = 0;
  for (const auto& entry : world.input.history.tally) {
    if (entry.campaign == campaign && entry.local_day == day) plays += entry.plays;
  }
  return plays;
}

// The rules once more, written as plainly as they can be; `world` is as it was before the decision.
void check_rules(const World& world, const Decision& decision) {
  const ContentState& content = world.input.content;
  REQUIRE(content.eligible.contains(decision.content));
  REQUIRE_FALSE(content.quarantined.contains(decision.content));
  for (const auto& rejection : decision.rejections) {
    const bool whole = rejection.creative == 0 && rejection.campaign == decision.campaign;
    const bool this_one =
        rejection.campaign == decision.campaign && rejection.creative == decision.creative;
    REQUIRE_FALSE((whole || this_one));
  }
  const Campaign* campaign = world.schedule.campaign(decision.campaign);
  if (campaign == nullptr) {
    REQUIRE(decision.campaign == 0);
    return;
  }
  REQUIRE(world.input.seam.trust != ClockTrust::none);  // no random campaign is undated
  const LocalTime local = local_time(world.input.zone, world.input.seam.utc_s);
  REQUIRE(decision.arm != Arm::control);
  const auto below = [](std::int64_t plays, std::uint32_t cap) { return cap == 0 || plays < cap; };
  REQUIRE(below(plays_on(world, campaign->id, local.day), campaign->rules.daily_cap));
  REQUIRE(below(plays_on(world, campaign->id, local.day), campaign->max_plays_day));
  std::int64_t this_hour = 0;
  for (const HistoryPlay& play : world.input.history.recent) {
    if (play.campaign != campaign->id) continue;
    this_hour += play.local_day == local.day && play.local_hour == local.second / 3'600 ? 1 : 0;
    REQUIRE(world.input.seam.boottime - play.started >= campaign->rules.separation_s * kSecond);
  }
  REQUIRE(below(this_hour, campaign->rules.hourly_cap));
  for (const Daypart& part : campaign->dayparts) {
    const int minute = local.second / 60;
    const bool overnight = part.until_minute <= part.from_minute;
    const bool in = overnight ? minute >= part.from_minute || minute < part.until_minute
                              : minute >= part.from_minute && minute < part.until_minute;
    REQUIRE(in);
  }
}

}  // namespace

TEST_CASE(
    "in random worlds nothing that a rule keeps out is ever chosen, and the same question has one "
    "answer") {
  std::mt19937 random(41);
  int played = 0;
  int repeats = 0;
  for (int round = 0; round < 80; ++round) {
    World world;
    make_random(world, random);
    for (int slot = 0; slot < 120; ++slot) {
      const Decision decision = decide(world.input);
      const Decision again = decide(world.input);
      REQUIRE(std::tie(decision.playable, decision.campaign, decision.creative, decision.reason,
                       decision.runner_up) == std::tie(again.playable, again.campaign,
                                                       again.creative, again.reason,
                                                       again.runner_up));
      if (decision.playable) {
        check_rules(world, decision);
        ++played;
        const HistoryPlay* before = nullptr;
        for (const HistoryPlay& play : world.input.history.recent) {
          if (!play.ghost) before = &play;
        }
        if (before != nullptr && before->creative == decision.creative) {
          ++repeats;
          // Nothing else was at hand, or only what is related to a control arm's ghost.
          REQUIRE((decision.runner_up == 0 || !decision.ghosts.empty()));
        }
      }
      world.step(5 + static_cast<int>(random() % 600));
    }
  }
  CHECK(played > 3'000);
  CHECK(repeats > 10);
}
