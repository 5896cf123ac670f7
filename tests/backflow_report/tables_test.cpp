// area_day, the exposure table and delivery: what they promise of their figures.
#include <doctest/doctest.h>

#include <numeric>
#include <random>

#include "backflow/area_day.hpp"
#include "backflow/delivery.hpp"
#include "backflow/exposure_table.hpp"

using namespace vitrine;

namespace {

AreaDayEvents orders(std::int64_t area, std::int64_t day, std::int64_t persons) {
  AreaDayEvents cell;
  cell.key = {0, area, day, 0};
  cell.type = "order";
  cell.currency = "EUR";
  cell.events = cell.persons = persons;
  cell.net_micro = persons * 1'000'000;
  return cell;
}

Profile profile_of(std::uint32_t people) {
  Profile profile;
  profile.n_sample = people;
  for (auto& hour : profile.hours) hour.share = {5000, 3000, 1000, 500, 500, 0, 0, 0, 0, 0};
  return profile;
}

ExposureSum exposure(std::int64_t area, std::int64_t observed, std::int64_t imp_milli) {
  ExposureSum sum;
  sum.key.campaign = 41;
  sum.key.area = area;
  sum.key.hour = 9;
  sum.key.creative = 7;
  sum.key.paid = true;
  sum.day = 20'000;
  sum.hour = 9;
  sum.observed = observed;
  sum.contacts = {10, 100'000, imp_milli, imp_milli / 2};
  return sum;
}

}  // namespace

TEST_CASE("area_day hides cells of few persons and one that gives them away, and keeps the rest") {
  const auto rows = area_day({}, {orders(1, 100, 50), orders(1, 101, 60), orders(1, 102, 90),
                                  orders(2, 100, 40), orders(2, 101, 5), orders(2, 102, 70)});
  REQUIRE(rows.size() == 6);
  std::size_t hidden = 0;
  for (const auto& row : rows) {
    REQUIRE(row.events.size() == 1);
    hidden += row.events[0].hidden ? 1 : 0;
    if (!row.events[0].hidden) CHECK(row.events[0].events >= kPrivacyK);
    if (row.events[0].hidden) CHECK(row.events[0].net_micro == 0);
  }
  CHECK(hidden == 4);  // a rectangle: each row and column of it holds two
}

TEST_CASE("area_day keeps observed and modelled contacts apart, and plays without events") {
  AreaDayPlays plays;
  plays.key = {41, 1, 100, 1};
  plays.plays = 9;
  plays.observed_plays = 4;
  plays.observed_imp_milli = 12'345;
  plays.modelled_plays = 5;
  plays.modelled_imp_milli = 54'321;
  const auto rows = area_day({plays}, {});
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].events.empty());
  CHECK(rows[0].plays.observed_imp_milli == 12'345);
  CHECK(rows[0].plays.modelled_imp_milli == 54'321);
}

TEST_CASE("linked events go to the area where they happened, else to the screen's") {
  ChainScan scan;
  scan.scan.scan_id = "s1";
  scan.scan.campaign = 41;
  scan.scan.area = 3;
  scan.scan.arm = 1;
  OnlineEvent home, nowhere;
  home.event_id = "a";
  home.type = nowhere.type = "order";
  home.area = 8;
  nowhere.event_id = "b";
  const auto cells = linked_cells({{&home, &scan}, {&nowhere, &scan}, {&home, nullptr}});
  REQUIRE(cells.size() == 2);
  CHECK(cells[0].key.area == 3);
  CHECK(cells[1].key.area == 8);
  CHECK(cells[0].key.arm == 1);
}

TEST_CASE("the exposure table never adds observed to modelled") {
  const std::map<AreaId, Profile> none;
  ExposureTableMaker maker(none);
  maker.add(exposure(1, 1, 5000));
  maker.add(exposure(1, 0, 7000));
  maker.add(exposure(1, kAbsent, 0));
  maker.add(exposure(1, 1, 500));
  const auto table = maker.finish();
  REQUIRE(table.rows.size() == 1);
  CHECK(table.rows[0].observed.imp_milli == 5500);
  CHECK(table.rows[0].observed.plays == 20);
  CHECK(table.rows[0].modelled.imp_milli == 7000);
  CHECK(table.rows[0].unknown_plays == 10);
  CHECK_FALSE(table.rows[0].observed_groups.has_value());  // nobody knows the area
}

TEST_CASE("groups are the profile's shares of the weekday and hour") {
  auto profile = profile_of(1000);
  // Day 20000 is 2024-10-04, a Friday.
  profile.hours[4 * 24 + 9].share = {0, 0, 0, 0, 0, 0, 0, 0, 0, 10000};
  const std::map<AreaId, Profile> profiles = {{1, profile}};
  ExposureTableMaker maker(profiles);
  maker.add(exposure(1, 1, 90'000));
  const auto table = maker.finish();
  REQUIRE(table.rows[0].observed_groups.has_value());
  CHECK((*table.rows[0].observed_groups)[9] == 90'000);
  CHECK((*table.rows[0].observed_groups)[0] == 0);
}

TEST_CASE("a profile of fewer than twenty people splits nothing") {
  const std::map<AreaId, Profile> profiles = {{1, profile_of(19)}};
  ExposureTableMaker maker(profiles);
  maker.add(exposure(1, 1, 9'000'000));
  const auto table = maker.finish();
  CHECK_FALSE(table.rows[0].observed_groups.has_value());
  CHECK_FALSE(table.observed_groups.has_value());
}

TEST_CASE("what the rows without a split have between them is nobody or at least k of each group") {
  std::mt19937 random(5);
  int split = 0, unsplit = 0;
  for (int round = 0; round < 200; ++round) {
    std::map<AreaId, Profile> profiles;
    ExposureTableMaker maker(profiles);
    const auto areas = 1 + random() % 12;
    for (unsigned area = 1; area <= areas; ++area) profiles[area] = profile_of(500);
    for (unsigned area = 1; area <= areas; ++area)
      maker.add(exposure(area, 1, 1000 * static_cast<std::int64_t>(random() % 1500)));
    const auto table = maker.finish();
    GroupSplit told{};
    for (const auto& row : table.rows) {
      if (!row.observed_groups) {
        unsplit += row.observed.imp_milli > 0 ? 1 : 0;
        continue;
      }
      ++split;
      for (std::size_t group = 0; group < kGroups; ++group) {
        const auto part = (*row.observed_groups)[group];
        CHECK((part == 0 || part >= 1000 * kPrivacyK));
        told[group] += part;
      }
    }
    if (!table.observed_groups) continue;
    for (std::size_t group = 0; group < kGroups; ++group) {
      const auto rest = (*table.observed_groups)[group] - told[group];
      CHECK((rest == 0 || rest >= 1000 * kPrivacyK));
    }
  }
  CHECK(split > 100);
  CHECK(unsplit > 100);
}

TEST_CASE("a goal is spread evenly over its days and adds up to itself") {
  const DeliveryGoal goal{DeliveryUnit::plays, 1000, 100, 106};
  const auto result = delivery(goal, {{101, {30, 0, 0, false}}, {110, {5, 0, 0, true}}, {0, {2}}});
  REQUIRE(result.days.size() == 8);  // seven of the contract and one after it
  CHECK(result.days[0].planned_milli == 142'857);
  CHECK(result.days[6].planned_sum_milli == 1'000'000);
  CHECK(result.days[7].planned_milli == 0);
  CHECK(result.days[1].sum.plays == 30);
  CHECK(result.sum.plays == 35);
  CHECK(result.sum.restated);
  CHECK(result.unknown_day_plays == 2);
  const auto planned =
      std::accumulate(result.days.begin(), result.days.end(), std::int64_t{0},
                      [](std::int64_t sum, const auto& day) { return sum + day.planned_milli; });
  CHECK(planned == 1'000'000);
}
