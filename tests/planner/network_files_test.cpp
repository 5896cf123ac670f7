#include "planner/network_files.hpp"

#include <doctest/doctest.h>

#include "base/time.hpp"
#include "platform/file.hpp"

using namespace vitrine;
using namespace vitrine::plan;

namespace {

std::string example(const std::string& file) {
  auto text = read_text(fs::path(VITRINE_EXAMPLE) / file);
  REQUIRE_MESSAGE(text.ok(), text.error().message);
  return *text;
}

template <class T>
std::string refusal(const Result<T>& read) {
  return read ? "accepted" : read.error().message;
}

}  // namespace

TEST_CASE("the example's tables say what docs/planner.md tells of them") {
  const auto screens = read_screens(example("screens.csv"));
  REQUIRE_MESSAGE(screens.ok(), screens.error().message);
  REQUIRE(screens->size() == 5);
  CHECK(screens->at(2).screen == "station-1");
  CHECK(screens->at(2).area == 2);
  CHECK(screens->at(2).zone == "Europe/Berlin");
  CHECK(screens->at(2).from_hour == 5);
  CHECK(screens->at(2).until_hour == 24);
  CHECK(screens->at(2).slot_ms == 10'000);
  const auto contracts = read_contracts(example("contracts.csv"));
  REQUIRE(contracts.ok());
  CHECK(contracts->at(1).unit == GoalUnit::impressions);
  CHECK(contracts->at(1).goal == 2'000);
  CHECK(contracts->at(1).first_day == *parse_date("2026-11-23"));
  CHECK(contracts->at(1).last_day == *parse_date("2026-11-29"));
  const auto arms = read_arms(example("arms.csv"));
  REQUIRE(arms.ok());
  CHECK(arms->at(1).arm == Arm::control);
  const auto profiles = read_profiles(example("profiles.csv"));
  REQUIRE_MESSAGE(profiles.ok(), profiles.error().message);
  CHECK(profiles->size() == 3);
  CHECK(profiles->at(3).hours[0].dwell_ms == 90'000);
}

TEST_CASE("a table that is not as it should be is refused with line and expectation") {
  CHECK(refusal(read_screens("screen,area\n")) ==
        "line 1: 'screen,area,zone,hours,slot_s' expected, found 'screen,area'");
  CHECK(refusal(read_screens("")) == "line 1: 'screen,area,zone,hours,slot_s' expected, found ''");
  const std::string header = "screen,area,zone,hours,slot_s\r\n";
  CHECK(refusal(read_screens(header + "a,1,Europe/Berlin,6-24,15\r\n\r\n")) == "accepted");
  CHECK(refusal(read_screens(header + "a,1,Europe/Berlin,6-24\n")) ==
        "line 2: 5 fields expected, found 4");
  CHECK(refusal(read_screens(header + "a,1,Z,6-24,15\na,0,Z,6-24,15\n")) ==
        "line 3: a number from 1 to 4294967295 expected, found '0'");
  CHECK(refusal(read_screens(header + "a,1,Z,24-6,15\n")) ==
        "line 2: hours as 6-24 expected, found '24-6'");
  CHECK(refusal(read_screens(header + "a,1,Z,6-24,15s\n")) ==
        "line 2: a number from 1 to 3600 expected, found '15s'");
  const std::string contracts = "campaign,unit,goal,first_day,last_day\n";
  CHECK(refusal(read_contracts(contracts + "1,euros,1,2026-11-23,2026-11-23\n")) ==
        "line 2: plays or impressions expected, found 'euros'");
  CHECK(refusal(read_contracts(contracts + "1,plays,-1,2026-11-23,2026-11-23\n")) ==
        "line 2: a number from 0 to 1000000000000 expected, found '-1'");
  CHECK(refusal(read_contracts(contracts + "1,plays,1,2026-02-30,2026-11-23\n")) ==
        "line 2: a day as 2026-11-23 expected, found '2026-02-30'");
  CHECK(refusal(read_arms("campaign,area,arm\n1,1,none\n")) ==
        "line 2: treated or control expected, found 'none'");
  CHECK(refusal(read_deliveries("screen,campaign,day,plays\ns,1,2026-11-23,x\n")) ==
        "line 2: a number from 0 to 1000000000 expected, found 'x'");
}

TEST_CASE("deliveries tell of impressions where they have the column, in thousandths") {
  const auto told = read_deliveries(
      "screen,campaign,day,plays,impressions\n"
      "s,1,2026-11-23,12,30.125\ns,2,2026-11-23,5,\ns,3,2026-11-23,5,7\ns,4,2026-11-23,5,0.5\n");
  REQUIRE_MESSAGE(told.ok(), told.error().message);
  REQUIRE(told->size() == 4);
  CHECK(told->at(0).imp_milli == 30'125);
  CHECK_FALSE(told->at(1).imp_milli.has_value());
  CHECK(told->at(2).imp_milli == 7'000);
  CHECK(told->at(3).imp_milli == 500);
  const auto untold = read_deliveries("screen,campaign,day,plays\ns,1,2026-11-23,12\n");
  REQUIRE(untold.ok());
  CHECK_FALSE(untold->at(0).imp_milli.has_value());
  for (const std::string bad : {"1.2345", "-1", ".5", "1.", "x", "1.2.3", "1000000000001"}) {
    CHECK(refusal(read_deliveries("screen,campaign,day,plays,impressions\ns,1,2026-11-23,1," + bad +
                                  "\n")) ==
          "line 2: a number from 0 to 1000000000000, at most three decimals, expected, found '" +
              bad + "'");
  }
}

TEST_CASE("profiles have each hour once, shares of 10000 and one zone an area") {
  const std::string header = "area,zone,hour,footfall,dwell_ms,g0,g1,g2,g3,g4,g5,g6,g7,g8,g9\n";
  const std::string rest = ",100,1000,10000,0,0,0,0,0,0,0,0,0\n";
  CHECK(refusal(read_profiles(header + "1,Z,0" + rest)) == "area 1: 168 hours expected, found 1");
  CHECK(refusal(read_profiles(header + "1,Z,0" + rest + "1,Z,0" + rest)) ==
        "line 3: each hour once expected, found '0'");
  CHECK(refusal(read_profiles(header + "1,Z,0" + rest + "1,Y,1" + rest)) ==
        "line 3: one zone for the whole area expected, found 'Y'");
  CHECK(refusal(read_profiles(header + "1,Z,0,100,1000,9999,0,0,0,0,0,0,0,0,0\n")) ==
        "line 2: shares that sum to 10000, not 9999, expected, found '9999'");
}
