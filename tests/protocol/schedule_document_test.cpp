#include <doctest/doctest.h>

#include "base/time.hpp"
#include "protocol/documents.hpp"
#include "sample_documents.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

// The one line a broken schedule is refused with.
std::string refusal(const std::string& json) {
  const auto schedule = read_schedule(json);
  return schedule ? "accepted" : schedule.error().message;
}

std::string spoiled(const std::string& from, const std::string& to) {
  return refusal(replaced(sample_schedule(), from, to));
}

}  // namespace

TEST_CASE("writing what was read gives the same bytes") {
  const auto schedule = read_schedule(sample_schedule());
  REQUIRE_MESSAGE(schedule.ok(), refusal(sample_schedule()));
  CHECK(write_schedule(*schedule) == sample_schedule());
}

TEST_CASE("every member of a schedule arrives in its type") {
  const auto schedule = read_schedule(sample_schedule());
  REQUIRE(schedule.ok());
  const auto& campaign = schedule->campaigns.at(0);
  CHECK(campaign.id == 41);
  CHECK(campaign.klass == CampaignClass::share);
  CHECK(campaign.bill_verdict == BillVerdict::three_quarters);
  CHECK(campaign.label == "Tea 茶");
  CHECK(campaign.target_groups == std::vector<std::uint8_t>{0, 3});
  CHECK(campaign.rules.exclude_categories == std::vector<std::string>{"coffee"});
  CHECK(campaign.flights.at(0).phase == FlightPhase::warm_up);
  CHECK(campaign.flights.at(0).first_day == *parse_date("2026-11-21"));
  CHECK(campaign.flights.at(0).creatives.at(0).weight == 3);
  CHECK(campaign.dayparts.at(0).weekdays == 0b0010001);
  CHECK(campaign.dayparts.at(0).from_minute == 480);
  CHECK(campaign.dayparts.at(0).until_minute == 1440);
  REQUIRE(campaign.qr.has_value());
  CHECK(campaign.qr->landing == LandingType::coupon);
  REQUIRE(schedule->sync.has_value());
  CHECK(schedule->sync->cycle_ms == 30000);
  CHECK(to_hex(schedule->creatives.at(0).variants.at(0).content) == kHashA);
}

TEST_CASE("what a schedule leaves out keeps the default of its type") {
  const auto schedule = read_schedule(R"({"creatives":[],"content":[]})");
  REQUIRE(schedule.ok());
  CHECK(schedule->sov_basis == SovBasis::plays);
  CHECK(schedule->layout.main.width == 1000);
  CHECK_FALSE(schedule->sync.has_value());
}

TEST_CASE("text that is no JSON is refused with its place") {
  CHECK(refusal("{\"content\": [}").find("line 1, column 14") != std::string::npos);
  CHECK(refusal("") != "accepted");
  CHECK(refusal("[]") != "accepted");
}

TEST_CASE("a name that stands twice is refused: two readers would see two documents") {
  CHECK(refusal(R"({"label":"a","label":"b","creatives":[],"content":[]})").find("twice") !=
        std::string::npos);
}

TEST_CASE("nesting without end is refused, not followed") {
  CHECK(refusal(std::string(100000, '[')).find("deeper") != std::string::npos);
}

TEST_CASE("a schema error names pointer, rule and what was found") {
  CHECK(spoiled(R"("id":41)", R"("id":"41")") ==
        "schedule: /campaigns/0/id: an integer from 1 to 4294967295 expected, found \"41\"");
  CHECK(spoiled(R"("weight":3)", R"("weight":0)")
            .find("/campaigns/0/flights/0/creatives/0/weight: ") != std::string::npos);
  CHECK(spoiled(R"("phase":"warm-up")", R"("phase":"warm_up")")
            .find("/campaigns/0/flights/0/phase: ") != std::string::npos);
  CHECK(spoiled(R"("id":41,)", "").find(R"(the member "id" is missing)") != std::string::npos);
  CHECK(spoiled(R"("id":41,)", R"("id":41,"prise":3,)")
            .find(R"(/campaigns/0: unknown member "prise", found )") != std::string::npos);
  CHECK(spoiled(R"("size":1000)", R"("size":1000.5)").find("/content/0/size: ") !=
        std::string::npos);
  CHECK(spoiled(R"("size":1000)", R"("size":99999999999999999999)").find("/content/0/size: ") !=
        std::string::npos);
}

TEST_CASE("a day that does not exist is refused") {
  CHECK(spoiled(R"("last_day":"2026-12-31")", R"("last_day":"2026-11-31")") ==
        "schedule: /campaigns/0/flights/0/last_day: a date that exists, as 2026-11-21 expected, "
        "found \"2026-11-31\"");
}

TEST_CASE("a campaign may only name creatives of its schedule") {
  CHECK(spoiled(R"([{"creative":1)", R"([{"creative":9)") ==
        "schedule: /campaigns/0/flights/0/creatives/0/creative: names a creative that the "
        "schedule does not define, found 9");
  CHECK(spoiled(R"("house":[1])", R"("house":[1,2])").find("/house/1: ") != std::string::npos);
  CHECK(spoiled(R"("cycle":[1])", R"("cycle":[2])").find("/sync/cycle/0: ") != std::string::npos);
}

TEST_CASE("a sync cycle's creatives state their lengths and begin before the cycle ends") {
  CHECK(spoiled(R"("length_ms":15000)", R"("length_ms":0)") ==
        "schedule: /sync/cycle/0: a creative that states a length_ms of at least 1000, found 0");
  CHECK(spoiled(R"("cycle":[1])", R"("cycle":[1,1])") == "accepted");
  CHECK(spoiled(R"("cycle":[1])", R"("cycle":[1,1,1])") ==
        "schedule: /sync/cycle/2: begins a second before the end of the cycle, 30000 ms, found "
        "30000 ms");
}

TEST_CASE("a play of less than a second is none") {
  CHECK(spoiled(R"("length_ms":15000)", R"("length_ms":999)") ==
        "schedule: /creatives/0/length_ms: 0, for the file's own, or at least 1000, found 999");
}

TEST_CASE("a variant's content must be listed") {
  CHECK(
      spoiled("\"sha256\":\"aaaa", "\"sha256\":\"bbbb").find("/creatives/0/variants/0/content: ") !=
      std::string::npos);
}

TEST_CASE("ids stand once") {
  const auto creative = R"({"id":1,"variants":[{"id":1,"content":")" + kHashA + R"("}]})";
  const auto content = R"({"sha256":")" + kHashA + R"(","size":1,"media_type":"a/b","path":"p"})";
  CHECK(refusal(R"({"creatives":[)" + creative + "," + creative + R"(],"content":[)" + content +
                "]}") == "schedule: /creatives/1/id: each may stand once, found 1 again");
}

TEST_CASE("a flight may not end before it begins, and no day may be in two flights") {
  CHECK(spoiled("2026-12-31", "2026-11-20").find("not before first_day") != std::string::npos);
  const std::string second =
      R"({"creatives":[{"creative":1}],"first_day":"2026-12-31","last_day":"2027-01-02"},)";
  CHECK(spoiled(R"("flights":[)", R"("flights":[)" + second).find("no day in common") !=
        std::string::npos);
}

TEST_CASE("a content path stays below its origin") {
  for (const std::string path :
       {"../x", "/etc/passwd", "a/../../b", "a//b", "a?b", ".ssh/x", "a/"}) {
    CAPTURE(path);
    CHECK(spoiled("\"content/" + kHashA + "\"", "\"" + path + "\"").find("/content/0/path: ") !=
          std::string::npos);
  }
}

TEST_CASE("a QR template without its token is refused") {
  CHECK(spoiled("/{token}", "/").find("/campaigns/0/qr/url: ") != std::string::npos);
}

TEST_CASE("a very long value is cut in the error, on a whole character") {
  std::string text;
  for (int i = 0; i < 500; ++i) text += "茶";
  const auto error = spoiled("\"label\":\"demo\"", "\"label\":\"" + text + "\"");
  CHECK(error.size() < 220);
  CHECK(error.find("...") != std::string::npos);
}

TEST_CASE(
    "a schedule cut or bent at any byte is accepted or refused, in one line, and never more than "
    "that") {
  const auto good = sample_schedule();
  for (std::size_t i = 0; i < good.size(); i += 7) {
    CHECK(refusal(good.substr(0, i)) != "accepted");
    auto bent = good;
    bent[i] = static_cast<char>(bent[i] ^ (1 << (i % 8)));
    CHECK(refusal(bent).find('\n') == std::string::npos);
  }
}
