#include "operator/report.hpp"

#include <doctest/doctest.h>

#include "protocol/json.hpp"
#include "temp_directory.hpp"

using namespace vitrine;
using vitrine::testing::TempDirectory;

namespace {

StoreReport sample() {
  StoreReport report;
  report.creatives = {{101, PlayKind::play, 7, 1, 34999}, {105, PlayKind::house, 2, 0, 8000}};
  report.plays = 9;
  report.shown = 9;
  report.cut = 1;
  report.audience = {{Quality::flow, 9, 42999, 5, 12, -1, 950}};
  report.streams = {{"play", 2, 9, 400}};
  report.bytes_a_play_milli = 44444;
  return report;
}

}  // namespace

TEST_CASE("the JSON report is one object with every figure") {
  const auto json = parse_json(op::report_json(sample()));
  REQUIRE(json.ok());
  CHECK(*json->find("plays")->integer() == 9);
  CHECK(*json->find("bytes_a_play_milli")->integer() == 44444);
  const auto& first = json->find("creatives")->array()->at(0);
  CHECK(*first.find("creative")->integer() == 101);
  CHECK(*first.find("kind")->text() == "play");
  CHECK(*json->find("audience")->array()->at(0).find("quality")->text() == "flow");
  CHECK(*json->find("streams")->array()->at(0).find("bytes")->integer() == 400);
}

TEST_CASE("the table names quality and shows thousandths as decimals") {
  const auto text = op::report_text(sample());
  CHECK(text.find("34.999") != std::string::npos);
  CHECK(text.find("-0.001") != std::string::npos);
  CHECK(text.find("bytes a play 44.444; conflicts 0, unreadable 0") != std::string::npos);
}

TEST_CASE("a report without a store says which file is missing") {
  const TempDirectory directory;
  REQUIRE(write_atomic(directory / "backend.toml",
                       "registry = \"r\"\n[ingest]\nsign_key = \"k\"\nkey_id = \"ingest-1\"\nspool "
                       "= \"s\"\nstore = \"" +
                           (directory / "store.db").string() + "\"\n")
              .ok());
  const auto report = op::report(directory / "backend.toml", false);
  REQUIRE_FALSE(report.ok());
  CHECK(report.error().message.find("store.db") != std::string::npos);
}
