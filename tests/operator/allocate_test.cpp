#include "operator/allocate.hpp"

#include <doctest/doctest.h>

#include "manual_clock.hpp"
#include "protocol/documents.hpp"
#include "protocol/envelope.hpp"
#include "protocol/json.hpp"
#include "temp_directory.hpp"

using namespace vitrine;
using namespace vitrine::op;
using vitrine::testing::ManualClock;
using vitrine::testing::TempDirectory;

namespace {

struct Backend {
  TempDirectory directory;
  ManualClock clock;
  PrivateKey key = PrivateKey::generate();
  AllocateOptions options;

  Backend() {
    REQUIRE(write_private_key(directory / "backend.key", key).ok());
    options.network = VITRINE_EXAMPLE;
    options.schedule_version = 7;
    options.key_file = directory / "backend.key";
    options.out = directory / "out";
  }

  PlanReport plan() {
    auto report = op::allocate(options, clock);
    REQUIRE_MESSAGE(report.ok(), report.error().message);
    return *std::move(report);
  }
  std::string refusal() {
    const auto report = op::allocate(options, clock);
    return report ? "accepted" : report.error().message;
  }

  // The documents of the last call, verified.
  std::vector<SignedDocument> documents() {
    std::vector<SignedDocument> documents;
    auto text = *read_text(directory / "out/numbers.jws");
    for (std::size_t at = 0; at < text.size();) {
      const auto end = text.find('\n', at);
      auto document = verify_with_key(std::string_view(text).substr(at, end - at),
                                      DocumentKind::numbers, key.public_key());
      REQUIRE_MESSAGE(document.ok(), document.error().message);
      documents.push_back(*std::move(document));
      at = end + 1;
    }
    return documents;
  }

  // Rows for all screens but `silent`, as the first plan had it for its first three days.
  void deliver(const std::string& silent) {
    const auto issued = *plan::read_issued(*read_text(directory / "out/issued.csv"));
    std::string csv = "screen,campaign,day,plays\n";
    for (const auto& [screen, numbers] : issued) {
      if (screen == silent) continue;
      for (std::size_t day = 0; day < 3; ++day) {
        const auto date = "2026-11-" + std::to_string(23 + day);
        csv += screen + ",0," + date + ",0\n";
        for (const auto& quota : numbers.quotas) {
          csv += screen + "," + std::to_string(quota.campaign) + "," + date + "," +
                 std::to_string(quota.goal_milli[day] / 1000) + "\n";
        }
      }
    }
    REQUIRE(write_atomic(directory / "played.csv", csv).ok());
    options.resolve = directory / "played.csv";
    options.day = "2026-11-26";
  }
};

}  // namespace

TEST_CASE("allocate signs the numbers of every screen, each for itself, bound to the schedule") {
  Backend backend;
  const PlanReport report = backend.plan();
  CHECK(report.documents == 5);
  CHECK(report.days == 7);
  const auto documents = backend.documents();
  REQUIRE(documents.size() == 5);
  const auto schedule = read_schedule(*read_text(fs::path(VITRINE_EXAMPLE) / "schedule.json"));
  REQUIRE(schedule.ok());
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(documents[i].header.version == 1);
    CHECK(documents[i].header.key_id == "backend-1");
    const auto numbers = read_numbers(documents[i].payload);
    REQUIRE_MESSAGE(numbers.ok(), numbers.error().message);
    CHECK(numbers->schedule_version == 7);
    CHECK(numbers->schedule_sha256 == sha256(as_bytes(write_schedule(*schedule))));
    REQUIRE_FALSE(numbers->campaigns.empty());
    for (const auto& campaign : numbers->campaigns) CHECK(campaign.goal_milli.size() == 7);
  }
  CHECK(documents[0].header.audience.text() == "screen/lift-1");
  CHECK(documents[4].header.audience.text() == "screen/mall-1");
  CHECK(report.objective <= report.bound);
  CHECK(report.objective > 0.998 * report.bound);
  for (const auto& line : report.lines) CHECK(line.shortfall_milli() <= 1);
}

TEST_CASE("a schedule as signed says its own version, and its payload is what is hashed") {
  Backend backend;
  const auto network = backend.directory / "network";
  fs::copy(VITRINE_EXAMPLE, network);
  const auto payload = write_schedule(*read_schedule(*read_text(network / "schedule.json")));
  const DocumentHeader header{
      DocumentKind::schedule, {Audience::Kind::group, "lifts"}, "operator-1", 12, 0, 0};
  backend.options.network = network;
  backend.options.schedule_version = 0;
  CHECK(backend.refusal().find("schedule.jws is not there; a schedule.json needs") !=
        std::string::npos);
  REQUIRE(write_atomic(network / "schedule.jws",
                       sign_document(header, payload, PrivateKey::generate()) + "\n")
              .ok());
  backend.plan();
  const auto numbers = read_numbers(backend.documents().at(0).payload);
  CHECK(numbers->schedule_version == 12);
  CHECK(numbers->schedule_sha256 == sha256(as_bytes(payload)));
}

TEST_CASE("a day alone gets its share of each goal") {
  Backend backend;
  backend.options.day = "2026-11-25";
  const PlanReport report = backend.plan();
  CHECK(report.days == 1);
  CHECK(report.lines[0].goal_milli == 1'000'000);
  backend.options.day = "2026-12-25";
  CHECK(backend.refusal() == "--day 2026-12-25 is no day of any contract");
}

TEST_CASE("after a resolve only screens whose quota moved get new numbers, one version up") {
  Backend backend;
  backend.plan();
  backend.deliver("");
  const PlanReport as_planned = backend.plan();
  CHECK(as_planned.resolved);
  CHECK(as_planned.silent == 0);

  Backend other;
  other.plan();
  other.deliver("station-2");
  const PlanReport without = other.plan();
  CHECK(without.silent == 1);
  CHECK(without.version == 2);
  CHECK(without.documents > 0);
  CHECK(without.first_day == as_planned.first_day);
  const auto issued = *plan::read_issued(*read_text(other.directory / "out/issued.csv"));
  CHECK(issued.at("station-2").version == 1);  // keeps what it has
  for (const auto& document : other.documents()) {
    CHECK(document.header.version == 2);
    CHECK(document.header.audience.name != "station-2");
    CHECK(issued.at(document.header.audience.name).version == 2);
  }
  std::int64_t missed = 0;
  for (const auto& line : without.history) missed += line.missed;
  CHECK(missed > 1'000);
  const auto json = parse_json(plan_report_json(without));
  REQUIRE(json.ok());
  CHECK(json->find("make_goods")->array()->size() == 5);
  CHECK(plan_report_text(without).find("make-goods (1 screens silent") != std::string::npos);
}

TEST_CASE("a resolve without a plan before it, or without its first day, is refused") {
  Backend backend;
  REQUIRE(write_atomic(backend.directory / "played.csv",
                       std::string_view("screen,campaign,day,plays\n"))
              .ok());
  backend.options.resolve = backend.directory / "played.csv";
  CHECK(backend.refusal() == "--resolve needs --day: the first day to plan anew");
  backend.options.day = "2026-11-26";
  CHECK(backend.refusal().find("goals.csv") != std::string::npos);
}

TEST_CASE("the report has a line for each campaign and arm, as JSON and as a table") {
  Backend backend;
  const PlanReport report = backend.plan();
  const auto json = parse_json(plan_report_json(report));
  REQUIRE(json.ok());
  CHECK(json->find("lines")->array()->size() == 5);
  CHECK(*json->find("lines")->array()->at(0).find("goal_milli")->integer() == 7'000'000);
  CHECK(*json->find("ratio_ppm")->integer() > 998'000);
  CHECK(*json->find("first_day")->text() == "2026-11-23");
  const auto text = plan_report_text(report);
  CHECK(text.find("43  control plays") != std::string::npos);
  CHECK(text.find("7000.000") != std::string::npos);
  CHECK(text.find("numbers 1 for 5 of 5 screens") != std::string::npos);
}
