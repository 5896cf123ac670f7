#include <doctest/doctest.h>
#include <signal.h>

#include <deque>

#include "player/ladder_watch.hpp"
#include "player/safe_loop.hpp"
#include "process.hpp"
#include "random.hpp"
#include "screen.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

const LadderRules kRules;

// Starts that each follow a fall, so many, a second apart.
Rung fall(LadderState& state, std::size_t times, BootId boot, Micros& now) {
  Rung rung = Rung::normal;
  for (std::size_t i = 0; i < times; ++i) {
    now += kSecond;
    rung = begin_run(state, boot, now, kRules);
  }
  return rung;
}

}  // namespace

TEST_CASE(
    "a player that falls again and again begins in the safe loop, and then asks for a reboot") {
  LadderState state;
  const BootId boot{1, 1};
  Micros now = 100 * kSecond;
  CHECK(begin_run(state, boot, now, kRules) == Rung::normal);
  CHECK(fall(state, kRules.falls - 1, boot, now) == Rung::normal);
  CHECK(fall(state, 1, boot, now) == Rung::safe);
  CHECK_FALSE(state.reboot_wanted);
  CHECK(fall(state, kRules.falls - 1, boot, now) == Rung::safe);
  CHECK_FALSE(state.reboot_wanted);
  CHECK(fall(state, 1, boot, now) == Rung::safe);
  CHECK(state.reboot_wanted);
  CHECK(state.reboots == 1);
  fall(state, 10 * kRules.falls, boot, now);
  CHECK(state.reboots == 1);  // not again within the hour
  now += kRules.between_reboots;
  fall(state, kRules.falls, boot, now);
  CHECK(state.reboots == 2);
}

TEST_CASE(
    "an end that was asked for, falls far apart and a machine that was off count for nothing") {
  LadderState state;
  BootId boot{1, 1};
  Micros now = 100 * kSecond;
  SUBCASE("ends that were asked for") {
    for (int i = 0; i < 20; ++i) {
      CHECK(begin_run(state, boot, now += kSecond, kRules) == Rung::normal);
      end_run(state);
    }
  }
  SUBCASE("one among falls") {
    for (int i = 0; i < 20; ++i) {
      CHECK(begin_run(state, boot, now += kSecond, kRules) == Rung::normal);
      if (i % 3 == 2) end_run(state);
    }
  }
  SUBCASE("falls far apart") {
    for (int i = 0; i < 20; ++i)
      CHECK(begin_run(state, boot, now += kRules.within / 3 + kSecond, kRules) == Rung::normal);
  }
  SUBCASE("the power") {
    for (int i = 0; i < 20; ++i) {
      ++boot.low;
      CHECK(begin_run(state, boot, 30 * kSecond, kRules) == Rung::normal);
    }
  }
}

TEST_CASE("whatever happens, rungs are earned and reboots an hour apart") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    LadderState state;
    BootId boot{7, 0};
    Micros now = 20 * kSecond, real = 0;  // since the boot, and ever
    std::deque<Micros> falls;             // within the time that counts, as a model
    bool running = false, safe = false;
    Micros asked = -kDay;
    for (int step = 0; step < 400; ++step) {
      const Micros wait = random.one_in(4) ? Micros{random.below(900)} * kSecond
                                           : Micros{random.below(20'000)} * kMillisecond;
      now += wait;
      real += wait;
      if (random.one_in(25)) {  // a reboot, or the power
        ++boot.low;
        now = 20 * kSecond;
        real += 20 * kSecond;
        falls.clear();
        running = safe = false;
      } else if (running && random.one_in(12)) {
        end_run(state);
        running = false;
        falls.clear();
      } else if (running && random.one_in(12)) {
        good_run(state);
        falls.clear();
        safe = false;
      }
      const auto before = state.reboots;
      const Rung rung = begin_run(state, boot, now, kRules);
      if (running) falls.push_back(now);
      running = true;
      while (!falls.empty() && now - falls.front() > kRules.within) falls.pop_front();
      const bool full = falls.size() >= kRules.falls;
      const bool was_safe = safe;
      safe = safe || full;
      CHECK((rung == Rung::safe) == safe);
      if (full && !was_safe) falls.clear();
      if (state.reboots == before) continue;
      CHECK(was_safe);
      CHECK(full);
      CHECK(real - asked >= kRules.between_reboots);
      asked = real;
      falls.clear();
    }
  }
}

TEST_CASE("the ladder is on the disk before the player shows anything, and remembers") {
  Screen screen;
  Troubles troubles;
  const auto start = [&] {
    auto watch = std::make_unique<LadderWatch>(screen.clock, screen.paths, troubles);
    watch->begin();
    screen.clock.advance(kSecond);
    return watch;
  };
  for (std::size_t i = 0; i < kRules.falls; ++i) {
    CHECK_FALSE(start()->safe());
    CHECK(read_ladder(screen.paths).running);
  }
  auto watch = start();
  CHECK(watch->safe());
  REQUIRE(troubles.list().size() == 1);
  CHECK(troubles.list()[0].code == "safe-loop");
  SUBCASE("a run that lasts ends it") {
    screen.clock.advance(kRules.good_run);
    watch->tick();
    CHECK_FALSE(watch->safe());
    CHECK(troubles.list().empty());
    watch->end();
    CHECK_FALSE(start()->safe());
  }
  SUBCASE("more falls ask for a reboot, once") {
    for (std::size_t i = 0; i < kRules.falls; ++i) {
      CHECK_FALSE(fs::exists(screen.paths.reboot_wanted()));
      watch = start();
    }
    CHECK(fs::exists(screen.paths.reboot_wanted()));
    CHECK(read_ladder(screen.paths).reboots == 1);
    fs::remove(screen.paths.reboot_wanted());
    for (int i = 0; i < 20; ++i) watch = start();
    CHECK_FALSE(fs::exists(screen.paths.reboot_wanted()));
    CHECK(watch->safe());
  }
  SUBCASE("the copy of this boot goes on where the disk takes nothing") {
    fs::remove_all(screen.paths.ladder().parent_path());
    for (std::size_t i = 0; i < kRules.falls; ++i) watch = start();
    CHECK(read_ladder(screen.paths).reboots == 1);
    // What could not be noted is not asked for in the first hour: the next boot would not know.
    CHECK_FALSE(fs::exists(screen.paths.reboot_wanted()));
  }
}

TEST_CASE(
    "the safe loop shows the house and what was shown well, but nothing that was there at the "
    "falls") {
  Screen screen;
  std::vector<Hash256> contents;
  for (const char* name : {"house", "shown", "new", "suspect"})
    contents.push_back(screen.add_content(name));
  Schedule schedule = Screen::schedule_of(contents);
  schedule.house = {1, 4};
  std::vector<PlayRow> plays;
  const auto played = [&](std::size_t which, CutCause cause) {
    PlayRow row;
    row.content = contents[which];
    row.cut_cause = cause;
    row.verdict_bits = cause == CutCause::none ? kVerdictFull : 0;
    plays.push_back(row);
  };
  played(1, CutCause::none);
  for (int i = 0; i < 3; ++i) played(1, CutCause::killed);  // may be chance
  played(3, CutCause::none);
  for (int i = 0; i < 4; ++i) played(3, CutCause::killed);
  const SafeLoop safe_loop(plays);
  auto documents = std::make_shared<ActiveDocuments>();
  documents->schedule = schedule;
  PlayInputs inputs;
  inputs.documents = documents;
  for (const Hash256& content : contents) {
    inputs.content.state.eligible.insert(content);
    inputs.content.state.length_ms[content] = 5'000;
    inputs.content.blocks[content] = nullptr;
  }
  safe_loop.keep_safe(inputs);
  CHECK(inputs.safe);
  CHECK(inputs.content.state.eligible == std::set<Hash256>{contents[0], contents[1]});
  CHECK(inputs.content.state.length_ms.size() == 2);
  CHECK(inputs.content.blocks.size() == 2);
}

TEST_CASE("what is restricted is what was confirmed; a generation on trial may be the cure") {
  Screen screen;
  Keeper::Setup setup{screen.clock,
                      screen.paths,
                      screen.identity,
                      screen.root.public_key(),
                      screen.zone,
                      screen.board,
                      [](PlayInputs& inputs) {
                        inputs.content = {};
                        inputs.safe = true;
                      }};
  Keeper keeper(setup);
  keeper.begin();
  screen.contents = {screen.add_content("first"), screen.add_content("second")};
  screen.offer_schedule(10, screen.contents);
  keeper.tick();
  CHECK(screen.board.newest()->content.state.eligible.size() == 2);
  screen.play_for(keeper, 61 * kSecond);
  REQUIRE(screen.active().confirmed == 1);
  CHECK(screen.board.newest()->safe);
  CHECK(screen.board.newest()->content.state.eligible.empty());
}

TEST_CASE("a display that is not there is neither a fall nor a start of a generation on trial") {
  Screen screen;
  screen.enrol();
  screen.offer_schedule(10, screen.contents);
  TempDirectory log;
  Process player({VITRINE_PLAYER, "--state", screen.paths.root, "--run", screen.paths.run,
                  "--output", "x11", "--display", ":4095"},
                 log / "player.log");
  REQUIRE(until([&] {
    const auto said = read_text(log / "player.log");
    return said && said->find("no X server answers; waiting for it") != std::string::npos;
  }));
  player.signal(SIGTERM);
  CHECK(player.wait() == 1);
  CHECK(screen.active().trying == 0);
  CHECK(read_ladder(screen.paths) == LadderState{});
}
