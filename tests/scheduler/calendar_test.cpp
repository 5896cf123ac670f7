#include "calendar.hpp"

#include <doctest/doctest.h>

#include "world.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

Daypart part(int from_minute, int until_minute, int weekdays = 0x7f) {
  Daypart made;
  made.weekdays = static_cast<std::uint8_t>(weekdays);
  made.from_minute = static_cast<std::uint16_t>(from_minute);
  made.until_minute = static_cast<std::uint16_t>(until_minute);
  return made;
}

LocalTime at(std::int64_t day, int hour, int minute = 0, int second = 0) {
  return {day, hour * 3'600 + minute * 60 + second, 0};
}

using Days = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("a daypart is half-open to the second") {
  const std::vector<Daypart> day = {part(8 * 60, 10 * 60)};
  CHECK(daypart_days(day, at(kMonday, 7, 59, 59)).empty());
  CHECK(daypart_days(day, at(kMonday, 8)) == Days{kMonday});
  CHECK(daypart_days(day, at(kMonday, 9, 59, 59)) == Days{kMonday});
  CHECK(daypart_days(day, at(kMonday, 10)).empty());
}

TEST_CASE("an overnight daypart belongs to the day it starts on") {
  const std::vector<Daypart> monday_night = {part(22 * 60, 4 * 60, 1)};
  CHECK(daypart_days(monday_night, at(kMonday, 3)).empty());  // Sunday's night is not Monday's
  CHECK(daypart_days(monday_night, at(kMonday, 23)) == Days{kMonday});
  CHECK(daypart_days(monday_night, at(kMonday + 1, 3, 59, 59)) == Days{kMonday});
  CHECK(daypart_days(monday_night, at(kMonday + 1, 4)).empty());
  CHECK(daypart_days(monday_night, at(kMonday + 1, 23)).empty());
}

TEST_CASE("a daypart that ends where it starts runs for a whole day") {
  const std::vector<Daypart> round = {part(6 * 60, 6 * 60, 1)};
  CHECK(daypart_days(round, at(kMonday, 5, 59)).empty());
  CHECK(daypart_days(round, at(kMonday, 6)) == Days{kMonday});
  CHECK(daypart_days(round, at(kMonday + 1, 5, 59)) == Days{kMonday});
  CHECK(daypart_days(round, at(kMonday + 1, 6)).empty());
}

TEST_CASE("exceptions take a day out, extra days put one in, and an exception wins") {
  Daypart tuesdays = part(8 * 60, 10 * 60, 2);
  tuesdays.extra_days = {kMonday, kMonday + 2};
  tuesdays.except_days = {kMonday + 1, kMonday + 2};
  CHECK(daypart_days({tuesdays}, at(kMonday, 9)) == Days{kMonday});
  CHECK(daypart_days({tuesdays}, at(kMonday + 1, 9)).empty());
  CHECK(daypart_days({tuesdays}, at(kMonday + 2, 9)).empty());
  CHECK(daypart_days({tuesdays}, at(kMonday + 8, 9)) == Days{kMonday + 8});
}

TEST_CASE(
    "the night of a flight's last day still belongs to the flight, the night before its first does "
    "not") {
  World world;
  Campaign& campaign = world.add_campaign(1, 1);
  world.add_house(900);
  campaign.dayparts = {part(22 * 60, 4 * 60)};
  campaign.flights[0].first_day = campaign.flights[0].last_day = kMonday;
  const auto reason_at = [&](std::int64_t day, int hour) {
    world.seam().utc_ms = (day * 86'400 + hour * 3'600) * 1'000;
    return world.rejected(world.explain(), 1);
  };
  CHECK(reason_at(kMonday, 3) == Reason::outside_flight);
  CHECK(reason_at(kMonday, 12) == Reason::outside_daypart);
  CHECK(reason_at(kMonday, 22) == Reason::none);
  CHECK(reason_at(kMonday + 1, 3) == Reason::none);
  CHECK(reason_at(kMonday + 1, 22) == Reason::outside_flight);
}

TEST_CASE(
    "summer time: an hour that is skipped is not played, an hour that comes twice is played "
    "twice") {
  // Berlin: 2026-03-29 01:00 UTC forward to 03:00, 2026-10-25 01:00 UTC back to 02:00.
  const std::int64_t spring = days_from_civil({2026, 3, 29}) * 86'400;
  const std::int64_t autumn = days_from_civil({2026, 10, 25}) * 86'400;
  World world;
  world.input.zone = {
      "Europe/Berlin", "", {{0, 3'600}, {spring + 3'600, 7'200}, {autumn + 3'600, 3'600}}};
  Campaign& campaign = world.add_campaign(1, 1);
  world.add_house(900);
  campaign.flights[0].first_day = 0;
  campaign.dayparts = {part(2 * 60, 3 * 60)};
  const auto minutes_played = [&](std::int64_t day_utc) {
    int minutes = 0;
    for (int minute = -120; minute < 1'440; ++minute) {
      world.seam().utc_ms = (day_utc + minute * 60) * 1'000;
      minutes += world.rejected(world.explain(), 1) == Reason::none ? 1 : 0;
    }
    return minutes;
  };
  CHECK(minutes_played(spring) == 0);
  CHECK(minutes_played(autumn) == 120);
  CHECK(minutes_played(autumn + 86'400) == 60);
}
