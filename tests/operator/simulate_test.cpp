#include "operator/simulate.hpp"

#include <doctest/doctest.h>

#include "platform/crypto.hpp"
#include "protocol/documents.hpp"
#include "protocol/envelope.hpp"
#include "temp_directory.hpp"

using namespace vitrine;
using vitrine::testing::TempDirectory;

namespace {

constexpr std::int64_t kMonday = 20'780;  // 2026-11-23

Hash256 content(std::uint8_t number) {
  Hash256 hash{};
  hash[0] = number;
  return hash;
}

Schedule two_campaigns() {
  Schedule schedule;
  schedule.label = "two";
  for (const CreativeId id : {11u, 12u, 21u, 22u, 90u, 91u}) {
    const auto number = static_cast<std::uint8_t>(id);
    schedule.creatives.push_back({id, "creative", 10'000, false, {{id, {}, content(number)}}});
    schedule.content.push_back({content(number), 1'000, "video/mp4", std::to_string(id) + ".mp4"});
  }
  for (const CampaignId id : {1u, 2u}) {
    Campaign campaign;
    campaign.id = id;
    campaign.advertiser = id;
    campaign.label = id == 1 ? "bought" : "shared";
    Flight flight;
    flight.first_day = kMonday;
    flight.last_day = kMonday + 6;
    flight.creatives = {{10 * id + 1, 1}, {10 * id + 2, 1}};
    campaign.flights = {flight};
    schedule.campaigns.push_back(campaign);
  }
  Daypart morning;
  morning.from_minute = 8 * 60;
  morning.until_minute = 10 * 60;
  schedule.campaigns[1].dayparts = {morning};
  schedule.house = {90, 91};
  return schedule;
}

Numbers numbers_for(const Schedule& schedule) {
  Numbers numbers;
  numbers.schedule_version = 1;
  numbers.schedule_sha256 = sha256(as_bytes(write_schedule(schedule)));
  numbers.campaigns = {
      {1, kMonday, {100'000, 50'500}, 0, 0, Arm::none, {{11, 5'000}, {12, 5'000}}}};
  return numbers;
}

}  // namespace

TEST_CASE("a simulation counts plays, house and quotas, day by day") {
  const Schedule schedule = two_campaigns();
  const Numbers numbers = numbers_for(schedule);
  Documents documents;
  documents.schedule = &schedule;
  documents.numbers = &numbers;
  const op::Simulation two_days = op::simulate(documents, {}, kMonday, 2);
  REQUIRE(two_days.campaigns.size() == 3);
  CHECK(two_days.campaigns[0].plays == 150);
  CHECK(two_days.campaigns[0].due == 150);
  CHECK(two_days.campaigns[0].most_off == 0);
  // Two mornings of two hours, less what the quota takes of them.
  CHECK(two_days.campaigns[1].plays > 1'380);
  CHECK(two_days.campaigns[1].plays <= 1'440);
  CHECK(two_days.campaigns[1].due == -1);
  CHECK(two_days.decisions == 2 * 8'640);
  CHECK(two_days.lit_ms == 2 * 86'400'000);
  CHECK(two_days.idle_ms == 0);
  std::int64_t plays = 0;
  for (const auto& campaign : two_days.campaigns) plays += campaign.plays;
  CHECK(plays == 2 * 8'640);
}

TEST_CASE("the command reads what a screen would and refuses numbers of another schedule") {
  const TempDirectory directory;
  const fs::path folder = directory.path();
  const Schedule schedule = two_campaigns();
  Numbers numbers = numbers_for(schedule);
  op::SimulateOptions options;
  options.schedule = folder / "schedule.json";
  options.numbers = folder / "numbers.json";
  options.from = "2026-11-23";
  options.days = 1;
  REQUIRE(write_atomic(options.schedule, write_schedule(schedule)));
  REQUIRE(write_atomic(options.numbers, write_numbers(numbers)));
  const auto table = op::simulate(options, false);
  REQUIRE_MESSAGE(table, table.error().message);
  CHECK(table->find("bought") != std::string::npos);
  const auto json = op::simulate(options, true);
  REQUIRE(json);
  CHECK(json->starts_with(R"({"campaigns":[{"campaign":1,"due":100,)"));

  numbers.schedule_sha256[0] ^= 1;
  REQUIRE(write_atomic(options.numbers, write_numbers(numbers)));
  const auto refused = op::simulate(options, false);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("these numbers belong to schedule") != std::string::npos);
  options.numbers.clear();
  options.from = "2026-02-30";
  CHECK_FALSE(op::simulate(options, false));
  options.from = "2026-11-23";
  options.zone = "Mars/Olympus";
  CHECK_FALSE(op::simulate(options, false));
}

TEST_CASE("numbers are taken from the line of the screen that vitrine allocate signed") {
  const TempDirectory directory;
  const Schedule schedule = two_campaigns();
  Numbers numbers = numbers_for(schedule);
  const PrivateKey key = PrivateKey::generate();
  std::string lines;
  for (const char* screen : {"lobby-1", "lobby-2"}) {
    DocumentHeader header;
    header.kind = DocumentKind::numbers;
    header.audience = {Audience::Kind::screen, screen};
    header.key_id = "backend-1";
    header.version = 1;
    lines += sign_document(header, write_numbers(numbers), key) + "\n";
    numbers.campaigns[0].goal_milli = {20'000};
  }
  op::SimulateOptions options;
  options.schedule = directory / "schedule.json";
  options.numbers = directory / "numbers.jws";
  options.from = "2026-11-23";
  options.days = 1;
  REQUIRE(write_atomic(options.schedule, write_schedule(schedule)));
  REQUIRE(write_atomic(options.numbers, lines));
  for (const auto& [screen, due] : {std::pair("lobby-1", 100), std::pair("lobby-2", 20)}) {
    options.screen = screen;
    const auto json = op::simulate(options, true);
    REQUIRE_MESSAGE(json, json.error().message);
    CHECK(json->find("\"campaign\":1,\"due\":" + std::to_string(due) + ",") != std::string::npos);
  }
  options.screen = "lobby-3";
  CHECK(op::simulate(options, true)
            .error()
            .message.ends_with("numbers.jws: none of its 2 lines is for screen 'lobby-3'"));
  options.screen.clear();
  CHECK(op::simulate(options, true).error().message.find("--screen NAME says whose") !=
        std::string::npos);
}

TEST_CASE("a simulation begins in the middle of a flight as if the plan had held until then") {
  const Schedule schedule = two_campaigns();
  const Numbers numbers = numbers_for(schedule);
  Documents documents;
  documents.schedule = &schedule;
  documents.numbers = &numbers;
  const op::Simulation second = op::simulate(documents, {}, kMonday + 1, 1);
  CHECK(second.campaigns[0].due == 50);
  CHECK(second.campaigns[0].plays == 50);
  CHECK(second.campaigns[0].most_off == 0);
}

TEST_CASE("a simulation tells how even the pace is, and when and why nothing is shown") {
  Schedule schedule = two_campaigns();
  schedule.house.clear();
  schedule.campaigns[1].rules.separation_s = 60;
  const Numbers numbers = numbers_for(schedule);
  Documents documents;
  documents.schedule = &schedule;
  documents.numbers = &numbers;
  const op::Simulation day = op::simulate(documents, {}, kMonday, 1);
  CHECK(day.campaigns[0].plays == 100);
  CHECK(day.campaigns[0].most_uneven_milli >= 0);
  CHECK(day.campaigns[1].most_uneven_milli == -1);
  REQUIRE(day.idle.size() > 10);
  std::int64_t idle = 0;
  for (const op::IdleTime& entry : day.idle) idle += entry.length_ms;
  CHECK(idle == day.idle_ms);
  CHECK(day.idle.back().utc_ms + day.idle.back().length_ms == (kMonday + 1) * 86'400'000);
  CHECK(day.idle.back().why == "1 outside-daypart, 1 quota-met");
  // With a house loop every play has its window, and none is a whole one off.
  const Schedule filled = two_campaigns();
  const Numbers others = numbers_for(filled);
  documents.schedule = &filled;
  documents.numbers = &others;
  const op::Simulation even = op::simulate(documents, {}, kMonday, 1);
  CHECK(even.idle.empty());
  CHECK(even.campaigns[0].most_uneven_milli <= 1'000);
}

TEST_CASE("the examples beside the schemas are valid, belong together, and meet their quotas") {
  const fs::path examples = VITRINE_EXAMPLES;
  op::SimulateOptions options;
  options.schedule = examples / "schedule.json";
  options.numbers = examples / "numbers.json";
  options.profile = examples / "profile.json";
  options.from = "2026-11-23";
  options.days = 2;
  const auto json = op::simulate(options, true);
  REQUIRE_MESSAGE(json, json.error().message);
  CHECK(json->find(R"("campaign":1,"due":361,"ghosts":0,"label":"harbour coffee","most_off":0)") !=
        std::string::npos);
  CHECK(json->find(R"("campaign":2,"due":240,"ghosts":0,"label":"night train","most_off":0)") !=
        std::string::npos);
}
