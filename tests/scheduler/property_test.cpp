// Random worlds: whatever they hold, no rule is broken and the answer repeats.
#include <doctest/doctest.h>

#include <tuple>

#include "random_world.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

std::int64_t plays_on(const World& world, CampaignId campaign, std::int64_t day) {
  std::int64_t plays = 0;
  for (const auto& entry : world.input.history.tally) {
    if (entry.campaign == campaign && entry.local_day == day) plays += entry.plays;
  }
  return plays;
}

// The rules once more, written as plainly as they can be; `world` is as it was before the decision.
void check_rules(const World& world, const Explained& answer) {
  const Decision& decision = answer.decision;
  const ContentState& content = world.input.content;
  REQUIRE(content.eligible.contains(decision.content));
  REQUIRE_FALSE(content.quarantined.contains(decision.content));
  for (const Rejection& rejection : answer.rejections) {
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
  REQUIRE(world.seam().trust != ClockTrust::none);  // no random campaign is undated
  const LocalTime local = local_time(world.input.zone, world.utc_s());
  REQUIRE(decision.arm != Arm::control);
  const auto below = [](std::int64_t plays, std::uint32_t cap) { return cap == 0 || plays < cap; };
  REQUIRE(below(plays_on(world, campaign->id, local.day), campaign->rules.daily_cap));
  REQUIRE(below(plays_on(world, campaign->id, local.day), campaign->max_plays_day));
  std::int64_t this_hour = 0;
  for (const HistoryPlay& play : world.input.history.recent) {
    if (play.campaign != campaign->id) continue;
    this_hour += play.local_day == local.day && play.local_hour == local.second / 3'600 ? 1 : 0;
    REQUIRE(world.seam().boottime - play.started >= campaign->rules.separation_s * kSecond);
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
      const Explained answer = world.explain();
      const Decision& decision = answer.decision;
      const Decision again = world.ask();
      REQUIRE(std::tie(decision.playable, decision.campaign, decision.creative, decision.reason,
                       decision.runner_up) == std::tie(again.playable, again.campaign,
                                                       again.creative, again.reason,
                                                       again.runner_up));
      if (decision.playable) {
        check_rules(world, answer);
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
