#include "local_hours.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/time.hpp"
#include "platform/time_zone.hpp"
#include "world.hpp"

using namespace vitrine;
using vitrine::testing::kMonday;

namespace {

constexpr std::int64_t kAlways = 1'000'000;

ZoneTable zone(const std::string& name) {
  auto loaded = load_zone(name, 1'577'836'800, 2'524'608'000);
  REQUIRE(loaded);
  return *loaded;
}

Daypart from_to(int from, int until) {
  Daypart part;
  part.from_minute = static_cast<std::uint16_t>(from);
  part.until_minute = static_cast<std::uint16_t>(until);
  return part;
}

}  // namespace

TEST_CASE("the hours of a day follow one another and are its whole length, in every kind of zone") {
  for (const char* name :
       {"Etc/UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe",
        "Pacific/Chatham", "America/Santiago", "Africa/Casablanca"}) {
    CAPTURE(std::string(name));
    const ZoneTable table = zone(name);
    // Of the past, where no later version of the database changes anything.
    const std::int64_t first = days_from_civil({2024, 3, 1});
    std::int64_t end = hour_spans(table, first, 0).front().from;
    for (std::int64_t day = first; day < first + 366; ++day) {
      UtcSpans whole;
      for (int hour = 0; hour < kHoursOfDay; ++hour) {
        for (const UtcSpan& span : hour_spans(table, day, hour)) {
          whole.push_back(span);
          for (const std::int64_t moment :
               {span.from, (span.from + span.until) / 2, span.until - 1}) {
            const LocalTime local = local_time(table, moment);
            REQUIRE(local.day == day);
            REQUIRE(local.second / 3'600 == hour);
          }
        }
      }
      // On Chatham the clocks go back from a quarter to four, so two hours take turns.
      std::sort(whole.begin(), whole.end(),
                [](const UtcSpan& one, const UtcSpan& other) { return one.from < other.from; });
      for (const UtcSpan& span : whole) {
        REQUIRE(span.from == end);
        end = span.until;
      }
    }
    // To the second, from midnight to midnight a year later.
    CHECK(local_time(table, end).day == first + 366);
    CHECK(local_time(table, end).second == 0);
  }
}

TEST_CASE("an hour the clocks repeat is one of two hours, one they skip is none") {
  const ZoneTable berlin = zone("Europe/Berlin");
  const std::int64_t october = days_from_civil({2025, 10, 26});
  const std::int64_t march = days_from_civil({2025, 3, 30});
  CHECK(hour_spans(berlin, october, 2).size() == 1);
  CHECK(seconds_in(hour_spans(berlin, october, 2)) == 7'200);
  CHECK(hour_spans(berlin, march, 2).empty());
  // Half an hour of it is there twice, an hour apart.
  const auto twice = open_spans(berlin, october, 2, {from_to(120, 150)}, 0, kAlways);
  REQUIRE(twice.size() == 2);
  CHECK(twice[1].from - twice[0].from == 3'600);
  CHECK(seconds_before(twice, twice[1].from + 60) == 1'860);
}

TEST_CASE("a part over midnight belongs to the day it starts on, its flight and weekdays too") {
  const ZoneTable utc;
  Daypart night = from_to(22 * 60, 2 * 60);
  night.weekdays = 1;  // Mondays
  CHECK(seconds_in(open_spans(utc, kMonday, 23, {night}, kMonday, kMonday)) == 3'600);
  CHECK(seconds_in(open_spans(utc, kMonday + 1, 1, {night}, kMonday, kMonday)) == 3'600);
  CHECK(open_spans(utc, kMonday + 1, 2, {night}, kMonday, kMonday).empty());
  CHECK(open_spans(utc, kMonday, 1, {night}, kMonday - 1, kMonday).empty());
  CHECK(open_spans(utc, kMonday + 1, 23, {night}, kMonday, kMonday + 1).empty());
}

TEST_CASE("parts that overlap or touch count once") {
  const ZoneTable utc;
  const auto spans = open_spans(
      utc, kMonday, 9, {from_to(540, 560), from_to(550, 570), from_to(570, 580)}, 0, kAlways);
  REQUIRE(spans.size() == 1);
  CHECK(seconds_in(spans) == 40 * 60);
}
