// Replay on a log written by hand. With the player's own hand: tests/operator/audit_test.cpp.
#include "scheduler/replay.hpp"

#include <doctest/doctest.h>

#include "scheduler/simulate.hpp"
#include "world.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

constexpr BootId kBoot{1, 1};

// A screen's log of `slots` slots, as a simulated one plays them.
struct Logged {
  World world;
  ScreenLog log;

  explicit Logged(int slots) {
    world.add_campaign(1, 2);
    world.add_campaign(2, 3);
    world.add_campaign(3, 1);
    world.schedule.campaigns[0].rules.separation_s = 25;
    world.numbers.campaigns = {{2, kMonday, {900'000, 400'000}, 0, 0, Arm::none, {}},
                               {3, kMonday, {600'000}, 0, 0, Arm::control, {}}};
    world.input.documents.numbers = &world.numbers;
    world.add_house(900);
    world.add_house(901);
    say(InputKind::restated, 1);
    say(InputKind::tzdata, 202'502);
    say(InputKind::generation, 5);
    say(InputKind::clock_trust, column_value(ClockTrust::trusted));
    for (const Creative& creative : world.schedule.creatives)
      say(InputKind::content_present, 0, creative.variants[0].content);
    SimulatedScreen screen(world.input.documents, world.input.zone, kNoon * 1'000);
    for (int slot = 0; slot < slots; ++slot) write(screen.next());
  }
  void say(InputKind kind, std::int64_t value, const Hash256& hash = {}) {
    log.inputs.push_back({log.inputs.size() + 1, 1, kBoot, 0, kind, value, hash});
  }
  void write(const SimulatedSlot& slot) {
    const Decision& decision = slot.decision;
    PlayRow row;
    row.boot = kBoot;
    row.planned_start_us = slot.utc_ms * kMillisecond;  // UTC and boot clock are one here
    row.generation = 5;
    row.decision_seq = decision.decision_seq;
    row.clock_trust = ClockTrust::trusted;
    for (const Ghost& ghost : decision.ghosts) {
      PlayRow counted = row;
      counted.kind = PlayKind::ghost;
      counted.campaign = ghost.campaign;
      counted.creative = ghost.creative;
      append(counted, slot.local_day);
    }
    row.first_flip_us = row.planned_start_us;
    row.kind = decision.kind;
    row.reason = decision.reason;
    row.runner_up = decision.runner_up;
    row.campaign = decision.campaign;
    row.flight_phase = decision.flight_phase;
    row.creative = decision.creative;
    row.variant = decision.variant;
    row.arm = decision.arm;
    row.content = decision.content;
    append(row, slot.local_day);
  }
  void append(PlayRow row, std::int64_t day) {
    row.seq = log.plays.size() + 1;
    log.plays.push_back(row);
    log.tally.push_back({row.campaign, row.creative, day, 1});
  }
  Replay::Archive archive() const {
    return [this](std::uint64_t generation, std::uint64_t) -> Result<Documents> {
      if (generation == 5) return world.input.documents;
      return fail(ErrorCode::not_found, "generation " + std::to_string(generation) + " is gone");
    };
  }
  // Lines of all differences.
  std::vector<std::string> differences() const {
    Replay replay(log, archive(), world.input.zone);
    Replay::Step step;
    std::vector<std::string> lines;
    while (replay.next(step)) {
      if (!step.difference.empty()) lines.push_back(step.difference);
    }
    return lines;
  }
};

}  // namespace

TEST_CASE("a log is decided again without a difference, and its slots are explained") {
  const Logged logged(900);
  Replay replay(logged.log, logged.archive(), logged.world.input.zone);
  Replay::Step step;
  int steps = 0;
  int ghosts = 0;
  while (replay.next(step)) {
    CAPTURE(step.question.decision_seq);
    REQUIRE(step.made);
    REQUIRE(step.difference == "");
    REQUIRE(replay.standings(step).campaigns.size() == 3);
    (void)replay.why_not(step);
    ghosts += static_cast<int>(step.decision.ghosts.size());
    ++steps;
  }
  CHECK(steps == 900);
  CHECK(ghosts > 50);
}

TEST_CASE("a log pruned by whole days is decided again from the sums of what is gone") {
  Logged logged(4'320 + 600);  // from noon until long after midnight
  auto& plays = logged.log.plays;
  const Micros midnight = (kMonday + 1) * kDay;
  std::erase_if(plays, [&](const PlayRow& row) { return row.planned_start_us < midnight; });
  // The first slots may differ: what the glass showed last went with the day.
  CHECK(logged.differences().size() <= 3);
  logged.log.tally.clear();
  CHECK(logged.differences().size() > 100);
}

TEST_CASE("what differs, and what is not at hand, is said in a line") {
  Logged logged(100);
  PlayRow& row = logged.log.plays.back();
  row.runner_up = 77;
  auto lines = logged.differences();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find(", in the log 77") != std::string::npos);
  row.creative = 78;
  lines = logged.differences();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("but the log has campaign") != std::string::npos);

  Logged other(10);
  other.log.inputs[2].value = 6;
  CHECK(other.differences() == std::vector<std::string>(10, "generation 6 is gone"));
  Logged untold(10);
  for (PlayRow& play : untold.log.plays) play.generation = 4;
  REQUIRE(untold.differences().size() == 10);
  CHECK(untold.differences()[0] ==
        "by the inputs on record it was made from generation 5, by the play from generation 4");
  Logged silent(10);
  silent.log.inputs.clear();
  CHECK(silent.differences() ==
        std::vector<std::string>(10, "the log does not say what the inputs of it were"));
}
