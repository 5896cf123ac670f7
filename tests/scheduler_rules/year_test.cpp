// Any documents that the product accepts play a simulated year without fault: time goes on, no rule
// is broken, nothing overflows (the sanitizers watch). A year has too many slots to play them all:
// each day the power is on for a few of them, at a random time.
//
//   VITRINE_NETWORKS=10000   many more random documents; see networks_test.cpp
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

#include "base/time.hpp"
#include "draw_documents.hpp"
#include "odd_documents.hpp"
#include "rule_checker.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

constexpr std::int64_t kDay_ms = 86'400'000;
constexpr int kSlotsADay = 2;
constexpr std::int64_t kYears = 10;

// Of the files: what decides how often at most a screen asks.
std::int64_t shortest_ms(const Schedule& schedule) {
  std::int64_t shortest = 1'000;  // after nothing it asks again
  for (const Creative& creative : schedule.creatives) {
    if (creative.length_ms != 0) shortest = std::min<std::int64_t>(shortest, creative.length_ms);
  }
  return shortest;
}

struct Year {
  RuleChecker::Seen seen;
  std::int64_t violations = 0;
  std::string first;
};

Year play_year(std::uint64_t seed, const Inputs& inputs, const ZoneTable& zone) {
  Random random(seed);
  const std::int64_t midnight_ms = kOddYear.first_day * kDay_ms;
  SimulatedScreen screen(inputs.documents(), zone, midnight_ms);
  screen.replace(inputs.content);
  RuleChecker checker(zone);
  checker.use(inputs.documents(), inputs.content);
  const std::int64_t shortest = shortest_ms(inputs.schedule);
  std::int64_t now = midnight_ms;
  for (std::int64_t day = 0; day < kOddYear.days(); ++day) {
    const std::int64_t on = midnight_ms + day * kDay_ms + random.below(kDay_ms);
    if (on > now) {
      screen.power_off(on - now);
      checker.power_was_off(on - now);
      now = on;
    }
    for (int i = 0; i < kSlotsADay; ++i) {
      const SimulatedSlot slot = screen.next();
      REQUIRE(slot.utc_ms == now);
      // So many decisions a day and no more: 86,400,000 / shortest.
      if (!slot.dark) REQUIRE(slot.length_ms >= shortest);
      REQUIRE(slot.length_ms > 0);
      REQUIRE(slot.length_ms <= 3'600'000);
      checker.check(slot);
      now += slot.length_ms;
    }
  }
  return {checker.seen(), checker.violations(), checker.first()};
}

}  // namespace

TEST_CASE("odd documents that the product accepts play a year without fault") {
  const auto zone = zone_named("Europe/Berlin");
  REQUIRE(zone.ok());
  for (OddDocuments& odd : odd_documents()) {
    CAPTURE(odd.name);
    int documents = 0;
    const Status accepted = read_back(odd.inputs, documents);
    REQUIRE_MESSAGE(accepted.ok(), accepted.error().message);
    const Year year = play_year(1, odd.inputs, *zone);
    CHECK_MESSAGE(year.violations == 0, year.first);
    CHECK(year.seen.slots == kOddYear.days() * kSlotsADay);
    if (odd.something_plays) CHECK(year.seen.plays + year.seen.ghosts > 0);
  }
}

TEST_CASE("random documents that the product accepts play a year without fault") {
  const char* networks = std::getenv("VITRINE_NETWORKS");
  const std::int64_t years = std::max<std::int64_t>(
      kYears, networks == nullptr ? 0 : std::strtoll(networks, nullptr, 10) / 50);
  RuleChecker::Seen seen;
  for (std::int64_t seed = 1; seed <= years; ++seed) {
    CAPTURE(seed);
    Random random(static_cast<std::uint64_t>(seed));
    const auto zone = zone_named(random.one_in(2) ? "America/Santiago" : "Australia/Lord_Howe");
    REQUIRE(zone.ok());
    Inputs inputs;
    inputs.schedule = draw_schedule(random, kOddYear);
    inputs.numbers = draw_numbers(random, kOddYear, inputs.schedule);
    if (!random.one_in(4)) inputs.profile = draw_profile(random);
    if (random.one_in(2)) inputs.settings = draw_settings(random, kOddYear);
    if (random.one_in(4)) {
      inputs.takeover =
          draw_takeover(random, kOddYear.first_day * 86'400, kOddYear.last_day * 86'400);
    }
    inputs.content = random.one_in(2) ? all_content(inputs.schedule, inputs.takeover)
                                      : draw_content(random, inputs.schedule, inputs.takeover);
    int documents = 0;
    const Status accepted = read_back(inputs, documents);
    REQUIRE_MESSAGE(accepted.ok(), accepted.error().message);
    const Year year = play_year(static_cast<std::uint64_t>(seed), inputs, *zone);
    CHECK_MESSAGE(year.violations == 0, year.first);
    seen.add(year.seen);
  }
  MESSAGE(years << " years, " << seen.slots << " slots: " << seen.plays << " plays, " << seen.ghosts
                << " ghosts, " << seen.house << " house, " << seen.idle << " idle");
  CHECK(seen.plays > years * 100);
}
