// Random networks, played for two or three days each and watched by a checker that shares no code
// with the scheduler: no rule is broken, ever.
//
//   VITRINE_NETWORKS=10000   so many networks instead of the few that a test of every change can
//                            afford (./run nightly)
//   VITRINE_SEED=123         begin with that seed: with VITRINE_NETWORKS=1 the network of a failure
#include <doctest/doctest.h>

#include <cstdlib>

#include "random_network.hpp"
#include "rule_checker.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

constexpr std::int64_t kNetworks = 40;
constexpr std::int64_t kFirstSeed = 1;

std::int64_t from_environment(const char* name, std::int64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoll(text, nullptr, 10);
}

// A screen with nothing to show asks again each second. To watch it ask for hours tells nothing
// new, so after some slots of that the power goes off for a while.
constexpr int kPatience = 5;
constexpr std::int64_t kNap_ms = 10 * 60'000;

void play(const RandomNetwork& network, RuleChecker& checker) {
  SimulatedScreen screen(network.inputs.front().documents(), network.zone, network.from_utc_ms);
  const auto put_in_force = [&](const Inputs& inputs) {
    screen.replace(inputs.documents());
    screen.replace(inputs.content);
    checker.use(inputs.documents(), inputs.content);
  };
  const auto cut_power = [&](std::int64_t length_ms) {
    screen.power_off(length_ms);
    checker.power_was_off(length_ms);
  };
  put_in_force(network.inputs.front());
  std::size_t event = 0;
  int idle = 0;
  for (std::int64_t now = network.from_utc_ms; now < network.until_utc_ms;) {
    for (; event < network.events.size() && network.events[event].at_utc_ms <= now; ++event) {
      put_in_force(network.inputs[network.events[event].inputs]);
      const std::int64_t outage = network.events[event].outage_ms;
      if (outage != 0) cut_power(outage);
    }
    const SimulatedSlot slot = screen.next();
    checker.check(slot);
    now = slot.utc_ms + slot.length_ms;
    idle = slot.dark || slot.decision.playable ? 0 : idle + 1;
    if (idle == kPatience) {
      cut_power(kNap_ms);
      idle = 0;
    }
  }
}

}  // namespace

TEST_CASE("in random networks no rule is ever broken, as an independent checker counts") {
  const std::int64_t networks = from_environment("VITRINE_NETWORKS", kNetworks);
  const std::int64_t first = from_environment("VITRINE_SEED", kFirstSeed);
  RuleChecker::Seen seen;
  std::array<std::int64_t, kRules> violations{};
  std::int64_t documents = 0;
  for (std::int64_t seed = first; seed < first + networks; ++seed) {
    const auto network = random_network(static_cast<std::uint64_t>(seed));
    REQUIRE_MESSAGE(network.ok(), "seed " << seed << ": " << network.error().message);
    RuleChecker checker(network->zone);
    play(*network, checker);
    seen.add(checker.seen());
    documents += network->documents;
    for (std::size_t rule = 0; rule < kRules; ++rule) {
      violations[rule] += checker.violations(static_cast<Rule>(rule));
    }
    CHECK_MESSAGE(checker.violations() == 0,
                  "seed " << seed << ", " << network->zone.name << ", " << checker.first());
  }
  MESSAGE(networks << " networks, " << documents << " documents, all valid; " << seen.slots
                   << " slots: " << seen.plays << " plays, " << seen.house << " house, "
                   << seen.takeovers << " takeovers, " << seen.ghosts << " ghosts, " << seen.idle
                   << " idle, " << seen.dark << " dark; " << seen.quota_days
                   << " quotas that had to be met");
  for (std::size_t rule = 0; rule < kRules; ++rule) {
    if (violations[rule] == 0) continue;
    MESSAGE(std::string(name_of(static_cast<Rule>(rule)))
            << ": " << violations[rule] << " violations");
  }
  // Every rule had something to forbid.
  if (networks >= kNetworks) {
    CHECK(seen.plays > networks * 100);
    CHECK(seen.house > networks * 20);
    CHECK(seen.takeovers > networks);
    CHECK(seen.ghosts > networks / 2);
    CHECK(seen.idle > networks);
    CHECK(seen.dark > networks);
    CHECK(seen.quota_days > networks / 20);
  }
}
