#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "share_race.hpp"
#include "world.hpp"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("every prefix of a shared sequence is less than one play from every weight") {
  std::mt19937 random(20'261'121);
  for (int round = 0; round < 90; ++round) {
    std::vector<ShareMember> members(1 + random() % 12);
    std::vector<std::size_t> all;
    std::int64_t total = 0;
    const std::uint32_t most = round % 3 == 0 ? 3 : round % 3 == 1 ? 100 : 10'000;
    for (std::size_t i = 0; i < members.size(); ++i) {
      members[i].id = static_cast<std::uint32_t>(i + 1);
      members[i].weight = 1 + random() % most;
      total += members[i].weight;
      all.push_back(i);
    }
    ShareRace race(members, false);
    std::vector<std::int64_t> had(members.size());
    for (std::int64_t n = 1; n <= 2'000; ++n) {
      const std::size_t next = *race.next(all);
      race.turn(next, 1);
      ++had[next];
      for (std::size_t i = 0; i < had.size(); ++i) {
        const std::int64_t error = had[i] * total - n * members[i].weight;
        REQUIRE(error < total);
        REQUIRE(error > -total);
      }
    }
  }
}

TEST_CASE("a race goes on from what was had before it, and forgives what lies a turn back") {
  // Three turns to one: after 6 and 2 the fourth turn is the first's again.
  ShareRace even({{1, 3, 1, 6}, {2, 1, 1, 2}}, false);
  std::vector<std::size_t> order;
  for (int i = 0; i < 4; ++i) {
    order.push_back(*even.next({0, 1}));
    even.turn(order.back(), 1);
  }
  CHECK(std::count(order.begin(), order.end(), 0u) == 3);
  ShareRace late({{1, 1, 1, 500}, {2, 1, 1, 0}}, false);
  CHECK(late.next({0, 1}) == 1u);
  late.turn(1, 1);
  CHECK(late.next({0, 1}) == 0u);
}

TEST_CASE("members kept out for a while leave the others to their own shares") {
  std::vector<ShareMember> members;
  for (std::uint32_t id = 1; id <= 100; ++id) members.push_back({id, id == 1 ? 50u : 1u, 1, 0});
  ShareRace race(members, false);
  // The heavy one and nine of the light ones: 50 to 9.
  const std::vector<std::size_t> allowed = {0, 11, 12, 13, 14, 15, 16, 17, 18, 19};
  std::int64_t heavy = 0;
  for (std::int64_t n = 1; n <= 590; ++n) {
    const std::size_t next = *race.next(allowed);
    race.turn(next, 1);
    heavy += next == 0 ? 1 : 0;
    REQUIRE(heavy * 59 - n * 50 < 59);
    REQUIRE(heavy * 59 - n * 50 > -59);
  }
}

TEST_CASE("shares hold through decide() on every prefix, campaigns and creatives alike") {
  std::mt19937 random(7);
  for (int round = 0; round < 20; ++round) {
    World world;
    const int campaigns = 2 + static_cast<int>(random() % 5);
    std::map<CampaignId, std::int64_t> weights;
    std::map<CampaignId, std::int64_t> plays;
    std::int64_t total = 0;
    for (int i = 1; i <= campaigns; ++i) {
      const auto id = static_cast<CampaignId>(i);
      weights[id] = 1 + random() % 9;
      total += weights[id];
      world.add_campaign(id, static_cast<std::uint32_t>(weights[id]));
    }
    for (std::int64_t n = 1; n <= 300; ++n) {
      const Decision decision = world.step();
      REQUIRE(decision.playable);
      REQUIRE(decision.reason == Reason::weight_due);
      ++plays[decision.campaign];
      for (const auto& [id, weight] : weights) {
        const std::int64_t error = plays[id] * total - n * weight;
        REQUIRE(error < total);
        REQUIRE(error > -total);
      }
    }
  }
}

TEST_CASE("two campaigns in turn let each creative of a campaign hold its own weight") {
  World world;
  Campaign& first = world.add_campaign(1, 1, 3);
  first.flights[0].creatives = {{10, 5}, {11, 2}, {12, 1}};
  world.add_campaign(2, 1, 2);
  std::map<CreativeId, std::int64_t> plays;
  for (std::int64_t n = 1; n <= 400; ++n) {
    ++plays[world.step().creative];
    const std::int64_t turns = plays[10] + plays[11] + plays[12];
    for (const auto& [creative, weight] :
         std::map<CreativeId, std::int64_t>{{10, 5}, {11, 2}, {12, 1}}) {
      REQUIRE(plays[creative] * 8 - turns * weight < 8);
      REQUIRE(plays[creative] * 8 - turns * weight > -8);
    }
  }
}

TEST_CASE("voice shared by time counts how long each play is") {
  World world;
  world.schedule.sov_basis = SovBasis::time;
  world.add_campaign(1, 1, 2);
  world.add_campaign(2, 1, 2);
  for (Creative& creative : world.schedule.creatives)
    creative.length_ms = creative.id < 20 ? 5'000 : 20'000;
  std::map<CampaignId, std::int64_t> plays;
  for (int i = 0; i < 500; ++i) ++plays[world.step().campaign];
  CHECK(plays[1] == 4 * plays[2]);
}

TEST_CASE("a video's measured length counts where the schedule gives none") {
  World world;
  world.schedule.sov_basis = SovBasis::time;
  world.add_campaign(1, 1, 2);
  world.add_campaign(2, 1, 2);
  for (Creative& creative : world.schedule.creatives) {
    creative.length_ms = 0;
    world.input.content.length_ms[content_of(creative.id)] = creative.id < 20 ? 5'000 : 15'000;
  }
  std::map<CampaignId, std::int64_t> plays;
  for (int i = 0; i < 400; ++i) ++plays[world.step().campaign];
  CHECK(plays[1] == 3 * plays[2]);
}

TEST_CASE("a campaign that joins late is not paid back in a burst") {
  World world;
  world.add_campaign(1, 1);
  world.add_campaign(3, 1);
  for (int i = 0; i < 700; ++i) world.step();
  world.add_campaign(2, 1);
  std::map<CampaignId, int> plays;
  for (int i = 0; i < 30; ++i) ++plays[world.step().campaign];
  CHECK(plays[2] >= 10);
  CHECK(plays[2] <= 13);
}
