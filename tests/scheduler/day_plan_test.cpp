#include "day_plan.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <random>

using namespace vitrine;

namespace {

constexpr std::int64_t kHour_ms = 3'600'000;

template <class T = std::int64_t>
std::array<T, kHoursOfDay> every_hour(T value) {
  std::array<T, kHoursOfDay> all{};
  all.fill(value);
  return all;
}

PlanWish wish(CampaignId id, std::int64_t owed, std::int32_t most = 360) {
  return {id, owed, 10'000, every_hour<std::int64_t>(0), every_hour(most)};
}

std::int64_t sum(const HourPlays& plays) {
  return std::accumulate(plays.begin(), plays.end(), std::int64_t{0});
}

}  // namespace

TEST_CASE("plays go to the hours where they are worth most, each up to what the hour may hold") {
  PlanWish one = wish(1, 25, 10);
  one.value[8] = 50;
  one.value[17] = 70;
  const auto plan = plan_day({one}, every_hour(kHour_ms));
  CHECK(plan[0][17] == 10);
  CHECK(plan[0][8] == 10);
  CHECK(sum(plan[0]) == 25);
  CHECK(*std::max_element(plan[0].begin(), plan[0].begin() + 8) == 1);
}

TEST_CASE("hours that are worth the same share a campaign's plays evenly, by what they may hold") {
  PlanWish one = wish(1, 48);
  const auto even = plan_day({one}, every_hour(kHour_ms))[0];
  CHECK(std::all_of(even.begin(), even.end(), [](std::int32_t plays) { return plays == 2; }));
  one.most[3] = 180;  // open for half of it
  const auto half = plan_day({one}, every_hour(kHour_ms))[0];
  CHECK(half[3] == 1);
  CHECK(sum(half) == 48);
}

TEST_CASE("an hour that two want goes to the one it is worth more to, a tie to the lower id") {
  PlanWish one = wish(1, 300);
  PlanWish two = wish(2, 300);
  one.value[12] = 10;
  two.value[12] = 11;
  std::array<std::int64_t, kHoursOfDay> noon{};
  noon[12] = kHour_ms;
  auto plan = plan_day({one, two}, noon);
  CHECK(plan[1][12] == 300);
  CHECK(plan[0][12] == 60);
  two.value[12] = 10;
  plan = plan_day({two, one}, noon);
  CHECK(plan[0][12] == 180);
  CHECK(plan[1][12] == 180);
  noon[12] = 30'000;
  plan = plan_day({two, one}, noon);
  CHECK(plan[1][12] == 2);
}

TEST_CASE("no plan holds more than is owed, than a rule lets in, or than an hour is long") {
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    std::vector<PlanWish> wishes;
    std::array<std::int64_t, kHoursOfDay> room{};
    for (auto& ms : room)
      ms = random() % 3 == 0 ? 0 : static_cast<std::int64_t>(random() % 3'600'000);
    const std::size_t count = 1 + random() % 12;
    for (std::size_t i = 0; i < count; ++i) {
      PlanWish one = wish(static_cast<CampaignId>(i + 1), random() % 400);
      one.length_ms = 1'000 + random() % 30'000;
      for (auto& value : one.value) value = static_cast<std::int64_t>(random() % 20) - 10;
      for (auto& most : one.most) most = random() % 60;
      wishes.push_back(one);
    }
    const auto plan = plan_day(wishes, room);
    for (std::size_t hour = 0; hour < kHoursOfDay; ++hour) {
      std::int64_t used = 0;
      for (std::size_t i = 0; i < count; ++i) {
        REQUIRE(plan[i][hour] <= wishes[i].most[hour]);
        used += plan[i][hour] * wishes[i].length_ms;
      }
      REQUIRE(used <= room[hour]);
      // Nobody is left owed a play that would have fitted.
      for (std::size_t i = 0; i < count; ++i) {
        if (sum(plan[i]) == wishes[i].owed || plan[i][hour] == wishes[i].most[hour]) continue;
        REQUIRE(room[hour] - used < wishes[i].length_ms);
      }
    }
    for (std::size_t i = 0; i < count; ++i) REQUIRE(sum(plan[i]) <= wishes[i].owed);
  }
}

TEST_CASE(
    "earliest window end first: all plays of an hour are had, never a whole one off the share") {
  std::mt19937 random(9);
  for (int round = 0; round < 500; ++round) {
    // Slots of equal length, some of them left to whoever has no quota.
    const std::int64_t slots = 10 + random() % 351;
    const std::int64_t open_ms = slots * 10'000;
    std::vector<Turns> all;
    std::int64_t left = slots;
    while (left > 0 && all.size() < 12) {
      const std::int64_t plays = 1 + random() % std::max<std::int64_t>(1, left);
      all.push_back({plays, 0, open_ms});
      left -= plays;
      if (random() % 3 == 0) break;
    }
    for (std::int64_t slot = 0; slot < slots; ++slot) {
      Turns* next = nullptr;
      for (Turns& turns : all) {
        if (turns.had == turns.plays || turns.opens_ms() > slot * 10'000) continue;
        if (next == nullptr || turns.closes_ms() < next->closes_ms()) next = &turns;
      }
      if (next != nullptr) ++next->had;
      for (const Turns& turns : all) {
        const std::int64_t off = turns.had * slots - turns.plays * (slot + 1);
        REQUIRE(std::abs(off) < slots);  // in plays: off / slots
      }
    }
    for (const Turns& turns : all) REQUIRE(turns.had == turns.plays);
  }
}

TEST_CASE("the plan is what one play after the other would come to, each where it is worth most") {
  std::mt19937 random(17);
  for (int round = 0; round < 200; ++round) {
    std::vector<PlanWish> wishes;
    std::vector<std::int64_t> values;
    for (std::int64_t value = 0; value < 24 * 5; ++value) values.push_back(value);
    std::shuffle(values.begin(), values.end(), random);  // no two are the same
    for (CampaignId id = 1; id <= 5; ++id) {
      PlanWish one = wish(id, random() % 900, 1 + static_cast<int>(random() % 300));
      one.length_ms = 5'000 * (1 + random() % 4);
      for (auto& value : one.value) {
        value = values.back();
        values.pop_back();
      }
      wishes.push_back(one);
    }
    const auto plan = plan_day(wishes, every_hour(kHour_ms));
    std::vector<HourPlays> expected(wishes.size());
    auto room = every_hour(kHour_ms);
    for (;;) {
      std::size_t best = wishes.size();
      std::size_t at = 0;
      for (std::size_t i = 0; i < wishes.size(); ++i) {
        if (sum(expected[i]) == wishes[i].owed) continue;
        for (std::size_t hour = 0; hour < kHoursOfDay; ++hour) {
          if (expected[i][hour] == wishes[i].most[hour] || room[hour] < wishes[i].length_ms)
            continue;
          if (best < wishes.size() && wishes[i].value[hour] < wishes[best].value[at]) continue;
          best = i;
          at = hour;
        }
      }
      if (best == wishes.size()) break;
      ++expected[best][at];
      room[at] -= wishes[best].length_ms;
    }
    REQUIRE(plan == expected);
  }
}
