// What `vitrine explain` and `vitrine next` say of a schedule. Of a screen's state: audit_test.cpp.
#include "operator/explain.hpp"

#include <doctest/doctest.h>

#include "operator/local_clock.hpp"
#include "operator/next.hpp"
#include "platform/time_zone.hpp"

using namespace vitrine;

namespace {

template <class Options>
Options examples() {
  const fs::path folder = VITRINE_EXAMPLES;
  Options options;
  options.schedule = folder / "schedule.json";
  options.numbers = folder / "numbers.json";
  options.profile = folder / "profile.json";
  options.at = "2026-11-24 14:03";
  return options;
}

std::string error_of(const Result<std::string>& result) {
  return result ? "no error" : result.error().message;
}

}  // namespace

TEST_CASE("a slot of a schedule is explained with the figures of every campaign") {
  const auto text = op::explain(examples<op::ExplainOptions>(), false);
  REQUIRE_MESSAGE(text, text.error().message);
  CHECK(*text ==
        "decision 5059, 2026-11-24 14:03:00 by the clocks of Europe/Berlin (clock trusted)\n"
        "from      a simulation of the day up to this slot\n"
        "chosen    the house loop, creative 900 'house-board', 10 s\n"
        "because   house-fill: nobody else might have the slot\n"
        "else      the house loop, creative 901 'house-clock'\n"
        "not       campaign 1 'harbour coffee': paced - 1 of 5 plays of this hour had, the next "
        "turn opens 14:12:00\n"
        "not       campaign 2 'night train': outside-daypart - its hours are 16:00-23:00\n"
        "not       campaign 3 'umbrellas': just-shown - creative 301 'umbrellas' is on the glass "
        "before it and would follow itself\n");
  auto options = examples<op::ExplainOptions>();
  options.at = "2026-11-24T13:12:05Z";
  const auto due = op::explain(options, false);
  REQUIRE(due);
  CHECK(due->find("chosen    campaign 1 'harbour coffee', creative 1") != std::string::npos);
  CHECK(due->find("because   quota-due: its ") != std::string::npos);
  CHECK(due->find("its turn in this hour is open from 14:12:00 to 14:24:00") != std::string::npos);
  const auto json = op::explain(options, true);
  REQUIRE(json);
  CHECK(json->find(R"("campaign":1,"clock":"trusted","creative":1)") != std::string::npos);
}

TEST_CASE("the next slots of a schedule are a table that begins at the slot on the glass") {
  auto options = examples<op::NextOptions>();
  options.count = 3;
  const auto text = op::next_slots(options, false);
  REQUIRE_MESSAGE(text, text.error().message);
  CHECK(std::count(text->begin(), text->end(), '\n') == 4);
  CHECK(text->find("2026-11-24 14:03:00     10.0  creative 900 'house-board'") !=
        std::string::npos);
  CHECK(text->find("2026-11-24 14:03:20     10.0") != std::string::npos);
  const auto json = op::next_slots(options, true);
  REQUIRE(json);
  CHECK(json->starts_with(R"({"slots":[{"campaign":0,"creative":900,"dark":false,)"));
}

TEST_CASE("a question that cannot be answered is refused in a line") {
  auto options = examples<op::ExplainOptions>();
  options.profile.clear();
  CHECK(error_of(op::explain(options, false)) ==
        "--at 2026-11-24 14:03: by which clocks? Neither --zone nor a profile says; nothing was "
        "simulated");
  options.zone = "Mars/Olympus";
  CHECK(error_of(op::explain(options, false)).find("Mars/Olympus") != std::string::npos);
  options = examples<op::ExplainOptions>();
  options.at = "half past two";
  CHECK(error_of(op::explain(options, false)).find("is no moment") != std::string::npos);
  options.at.clear();
  CHECK(error_of(op::explain(options, false)).find("say which slot") != std::string::npos);
  options.play = "7";
  CHECK(error_of(op::explain(options, false)).find("--play 7 needs --state") != std::string::npos);
  options = examples<op::ExplainOptions>();
  options.screen = "lobby-1";
  CHECK(error_of(op::explain(options, false)).find("--screen picks a line") != std::string::npos);
}

TEST_CASE("moments are read by the zone's clocks, skipped and repeated hours included") {
  const auto zone = load_zone("Europe/Berlin");
  REQUIRE(zone);
  const auto utc = [&](const char* text) {
    const auto moment = op::parse_moment(text, *zone);
    return moment ? *moment / 1'000 : -1;
  };
  CHECK(utc("2026-11-24 14:03") == utc("2026-11-24T13:03:00Z"));
  CHECK(utc("2026-07-01 14:03:10") == utc("2026-07-01T12:03:10Z"));
  CHECK(utc("2026-03-29 02:30") == -1);                           // skipped
  CHECK(utc("2026-03-29 03:00") == utc("2026-03-29T01:00:00Z"));  // the first after it
  CHECK(utc("2026-10-25 02:30") == utc("2026-10-25T00:30:00Z"));  // of two the first
  CHECK(utc("2026-10-25 03:00") == utc("2026-10-25T02:00:00Z"));
  for (const char* none : {"", "2026-11-24", "2026-11-24 14", "2026-11-24 24:00", "2026-11-24 14:3",
                           "2026-11-24 14:03:1", "2026-02-30 14:03", "2026-11-24_14:03",
                           "2026-11-24 14:03:10+01:00"}) {
    CAPTURE(none);
    CHECK(utc(none) == -1);
  }
}
