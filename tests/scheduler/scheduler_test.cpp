// The scheduler that keeps count against decide(), which counts anew.
#include "scheduler/scheduler.hpp"

#include <doctest/doctest.h>

#include <tuple>

#include "random_world.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

auto told(const Decision& decision) {
  std::vector<CampaignId> ghosts;
  for (const Ghost& ghost : decision.ghosts) ghosts.push_back(ghost.campaign);
  return std::tuple(decision.playable, decision.kind, decision.campaign, decision.creative,
                    decision.content, decision.reason, decision.runner_up, decision.arm,
                    decision.most_ms, decision.most_cause, ghosts);
}

// A world and a scheduler to which the same happens.
struct Pair {
  World world;
  Scheduler scheduler{ZoneTable{}};

  explicit Pair(std::mt19937& random) {
    make_random(world, random);
    scheduler.use(world.input.documents);
    scheduler.use(world.input.content);
  }
  void play(CampaignId campaign, CreativeId creative, bool ghost) {
    world.remember(campaign, creative, ghost);
    scheduler.count(world.input.history.recent.back());
  }
};

void disturb(Pair& pair, std::mt19937& random) {
  World& world = pair.world;
  switch (random() % 30) {
    case 0: {  // a file comes or goes
      const auto& creatives = world.schedule.creatives;
      const Hash256 file = content_of(creatives[random() % creatives.size()].id);
      auto& eligible = world.input.content.eligible;
      if (eligible.erase(file) == 0) eligible.insert(file);
      pair.scheduler.use(world.input.content);
      break;
    }
    case 1:  // the wall clock steps
      world.seam().utc_ms += (static_cast<std::int64_t>(random() % 400'000) - 200'000) * 1'000;
      break;
    case 2:  // or is not known for a while
      world.seam().trust =
          world.seam().trust == ClockTrust::none ? ClockTrust::held : ClockTrust::none;
      break;
    case 3:
      world.input.question.live_q4 = 8 + random() % 25;
      break;
    case 4:  // the player starts again and reads what it played
      pair.scheduler = Scheduler(ZoneTable{});
      pair.scheduler.use(world.input.documents);
      pair.scheduler.use(world.input.content);
      pair.scheduler.remember(world.input.history);
      break;
    case 5:
      world.seam().boottime += 3 * kHour;
      world.seam().utc_ms += 3 * 3'600'000;
      break;
    default:
      break;
  }
}

}  // namespace

TEST_CASE(
    "a scheduler that keeps count answers like one that counts anew, through restarts, clock "
    "steps, files that come and go and items on their way to the glass") {
  std::mt19937 random(11);
  int decisions = 0;
  for (int round = 0; round < 60; ++round) {
    Pair pair(random);
    World& world = pair.world;
    for (int slot = 0; slot < 150; ++slot) {
      CAPTURE(round);
      CAPTURE(slot);
      disturb(pair, random);
      auto& pending = world.input.question.pending;
      pending.clear();
      if (random() % 5 == 0) {
        const Decision before = world.ask();
        if (before.playable) {
          const LocalTime local = local_time({}, world.utc_s());
          const bool known = world.seam().trust != ClockTrust::none;
          pending.push_back({before.campaign, before.creative, world.seam().boottime,
                             known ? local.day : 0, known ? local.second / 3'600 : 0, false});
          world.pass(5);
        }
      }
      const Explained fresh = world.explain();
      const Decision kept = pair.scheduler.decide(world.input.question);
      REQUIRE(told(kept) == told(fresh.decision));
      REQUIRE(pair.scheduler.why_not(world.input.question, kept).size() == fresh.rejections.size());
      ++decisions;
      for (const HistoryPlay& play : pending) {
        if (random() % 4 != 0) pair.play(play.campaign, play.creative, false);  // or it was a miss
      }
      for (const Ghost& ghost : kept.ghosts) pair.play(ghost.campaign, ghost.creative, true);
      if (kept.playable && random() % 10 != 0) pair.play(kept.campaign, kept.creative, false);
      world.pass(1 + static_cast<int>(random() % 600));
    }
  }
  CHECK(decisions == 9'000);
}
