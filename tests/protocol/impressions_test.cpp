#include "protocol/impressions.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace vitrine;

namespace {

ProfileHour hour(std::uint32_t footfall, std::uint32_t dwell_ms) {
  ProfileHour result;
  result.share = {1'234, 2'766, 500, 500, 1'000, 1'000, 999, 1'001, 0, 1'000};
  result.footfall = footfall;
  result.dwell_ms = dwell_ms;
  return result;
}

constexpr std::uint32_t kMost = std::numeric_limits<std::uint32_t>::max();

}  // namespace

TEST_CASE(
    "360 persons an hour who stay 10 s are one person at a time, whatever the play's length") {
  CHECK(avg_milli(hour(360, 10'000)) == 1'000);
  CHECK(imp_milli(Currency::avg, hour(360, 10'000), 500) == 1'000);
  CHECK(imp_milli(Currency::avg, hour(360, 10'000), 60'000) == 1'000);
}

TEST_CASE("avg is cut off, and holds the largest profile") {
  CHECK(avg_milli(hour(1, 3'599)) == 0);
  CHECK(avg_milli(hour(1, 3'600)) == 1);
  CHECK(avg_milli(hour(7, 1'234)) == 2);  // 2.399
  CHECK(avg_milli(hour(0, 10'000)) == 0);
  CHECK(avg_milli(hour(kMost, kMost)) == 5'124'095'573'644'338);  // (2^32-1)^2 / 3600
}

TEST_CASE("an opportunity to see takes a second at each end of play and stay") {
  CHECK(ots_milli(hour(360, 10'000), 15'000) == 2'300);
  CHECK(ots_milli(hour(360, 1'000), 1'000) == 0);
  CHECK(ots_milli(hour(3'600, 1'001), 1'000) == 1);
  CHECK(ots_milli(hour(7, 1'234), 15'001) == 27);  // 27.679
  CHECK(imp_milli(Currency::ots, hour(360, 10'000), 15'000) == 2'300);
}

TEST_CASE("below a second of play or dwell nobody had an opportunity") {
  CHECK(ots_milli(hour(3'600, 60'000), 999) == 0);
  CHECK(ots_milli(hour(3'600, 999), 60'000) == 0);
  CHECK(ots_milli(hour(3'600, 60'000), 0) == 0);
}

TEST_CASE("the largest profile with the longest play does not overflow") {
  CHECK(ots_milli(hour(kMost, kMost), 3'600'000) == 5'128'388'154'846'396);
}

TEST_CASE("a target figure is the groups' share of the hour, cut off after each division") {
  const ProfileHour noon = hour(7, 1'234'567);  // avg 2400.546 -> 2400
  CHECK(target_share(noon, {0, 1}) == 4'000);
  CHECK(target_share(noon, {8}) == 0);
  CHECK(target_imp_milli(2'400, 1'234) == 296);  // 296.16
  Campaign campaign;
  campaign.target_groups = {0};
  CHECK(target_imp_milli(campaign, noon, 10'000) == 296);
  campaign.target_groups = {0, 3, 6};
  CHECK(target_imp_milli(campaign, noon, 10'000) == 655);  // 2400 x 0.2733 = 655.92
}

TEST_CASE("a campaign without target groups means everybody") {
  Campaign campaign;
  CHECK(target_share(hour(1, 1), {}) == 10'000);
  CHECK(target_imp_milli(campaign, hour(360, 10'000), 10'000) == 1'000);
  campaign.currency = Currency::ots;
  CHECK(target_imp_milli(campaign, hour(360, 10'000), 15'000) == 2'300);
}

TEST_CASE("the largest figure times the whole share stays exact") {
  CHECK(target_imp_milli(5'124'095'573'731'958, 10'000) == 5'124'095'573'731'958);
  CHECK(target_imp_milli(5'124'095'573'731'958, 9'999) == 5'123'583'164'174'584);
}
