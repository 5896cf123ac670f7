#include "base/time.hpp"

#include <doctest/doctest.h>

#include "base/ids.hpp"
#include "base/math.hpp"

using namespace vitrine;

TEST_CASE("every day from 1900 to 2200 goes to a date and back, one after the other") {
  CivilDate previous = civil_from_days(days_from_civil({1899, 12, 31}));
  for (std::int64_t day = days_from_civil({1900, 1, 1}); day <= days_from_civil({2200, 1, 1});
       ++day) {
    const CivilDate date = civil_from_days(day);
    REQUIRE(days_from_civil(date) == day);
    const bool next_day = date.day == previous.day + 1 || (date.day == 1 && previous.day >= 28);
    REQUIRE(next_day);
    previous = date;
  }
}

TEST_CASE("only dates that exist are read") {
  CHECK(*parse_date("1970-01-01") == 0);
  CHECK(*parse_date("2024-02-29") == 19782);
  CHECK_FALSE(parse_date("2023-02-29"));
  CHECK_FALSE(parse_date("2026-13-01"));
  CHECK_FALSE(parse_date("2026-1-1"));
  CHECK_FALSE(parse_date("tomorrow"));
  CHECK(parse_date("2023-02-29").error().message.find("2023-02-29") != std::string::npos);
}

TEST_CASE("UTC text is right before and after the epoch") {
  CHECK(format_utc(0) == "1970-01-01T00:00:00Z");
  CHECK(format_utc(-1) == "1969-12-31T23:59:59Z");
  CHECK(format_utc(1'790'000'000) == "2026-09-21T14:13:20Z");
}

TEST_CASE("integer division rounds down and products do not overflow") {
  CHECK(floor_div(-1, 1000) == -1);
  CHECK(floor_div(-1000, 1000) == -1);
  CHECK(floor_div(999, 1000) == 0);
  CHECK(mul_div_round(4'000'000'000'000, 4'000'000, 8'000'000) == 2'000'000'000'000);
  CHECK(mul_div_round(1, 1, 2) == 1);
}

TEST_CASE("screen names hold only what is safe in a topic, a path and a certificate") {
  CHECK(is_valid_name("lobby-1"));
  CHECK_FALSE(is_valid_name(""));
  CHECK_FALSE(is_valid_name("a/b"));
  CHECK_FALSE(is_valid_name("+"));
  CHECK_FALSE(is_valid_name("Lobby"));
  CHECK_FALSE(is_valid_name(std::string(65, 'a')));
}
