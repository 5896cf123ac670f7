#include "planner/numbers.hpp"

#include <doctest/doctest.h>

#include "network_kit.hpp"
#include "protocol/documents.hpp"

using namespace vitrine;
using namespace vitrine::plan;
using namespace vitrine::testing;

namespace {

Network small_network() {
  Random random(3);
  Network network;
  network.schedule_version = 7;
  network.profiles[1] = profile(1, random);
  network.profiles[2] = profile(2, random);
  add_screen(network, 1);
  add_screen(network, 2);
  Campaign first = campaign(5, {1});
  first.flights[0].creatives = {{50, 3}, {51, 1}};
  sell(network, first, 700);
  Campaign morning = campaign(6);
  morning.dayparts = {{0x7f, 0, 60, {}, {}}};  // no screen shows at that hour
  sell(network, morning, 10);
  network.arms = {{5, 1, Arm::treated}, {5, 2, Arm::control}};
  return network;
}

std::uint32_t sum_of(const std::vector<CreativeShare>& shares) {
  std::uint32_t sum = 0;
  for (const CreativeShare& share : shares) sum += share.weight;
  return sum;
}

}  // namespace

TEST_CASE("a screen's numbers are a valid document that names what has plays or would share") {
  Network network = small_network();
  network.schedule.campaigns[1].klass = CampaignClass::share;
  const auto plan = allocate(network, {kMonday, kMonday + 6, 1, 1e-4});
  REQUIRE(plan.ok());
  const NumbersMaker maker(network, *plan);
  const Numbers numbers = maker.of(0);
  const auto read = read_numbers(write_numbers(numbers));
  REQUIRE_MESSAGE(read.ok(), read.error().message);
  CHECK(numbers.schedule_version == 7);
  REQUIRE(numbers.campaigns.size() == 2);
  CHECK(numbers.campaigns[0].campaign == 5);
  CHECK(numbers.campaigns[0].goal_milli.size() == 7);
  CHECK(numbers.campaigns[0].first_day == kMonday);
  CHECK(numbers.campaigns[0].arm == Arm::treated);
  CHECK(maker.of(1).campaigns[0].arm == Arm::control);
  CHECK(sum_of(numbers.campaigns[0].creative_weight) == 10'000);
  // Without an entry it would play by its weight; a guaranteed one would not.
  CHECK(numbers.campaigns[1].campaign == 6);
  CHECK(numbers.campaigns[1].goal_milli.empty());
  network.schedule.campaigns[1].klass = CampaignClass::guaranteed;
  CHECK(NumbersMaker(network, *plan).of(0).campaigns.size() == 1);
}

TEST_CASE("the price in the numbers is that of the screen's own arm") {
  const Network network = small_network();
  const auto plan = allocate(network, {kMonday, kMonday, 1, 1e-4});
  REQUIRE(plan.ok());
  const NumbersMaker maker(network, *plan);
  for (const LinePlan& line : plan->lines) {
    if (line.arm == Arm::treated) CHECK(maker.of(0).campaigns[0].price == line.price);
    if (line.arm == Arm::control) CHECK(maker.of(1).campaigns[0].price == line.price);
  }
}

TEST_CASE("creative weights sum to 10000, none below 500, in proportion beyond that") {
  const auto shares = creative_shares({{1, 3}, {2, 1}});
  REQUIRE(shares.size() == 2);
  CHECK(shares[0].weight == 500 + 6'750);
  CHECK(shares[1].weight == 500 + 2'250);
  const auto uneven = creative_shares({{1, 10'000}, {2, 1}, {3, 1}});
  CHECK(sum_of(uneven) == 10'000);
  CHECK(uneven[2].weight >= 500);
  CHECK(creative_shares({}).empty());
  CHECK(creative_shares(std::vector<WeightedCreative>(20, {1, 1})).at(7).weight == 500);
  CHECK(creative_shares(std::vector<WeightedCreative>(21, {1, 1})).empty());
}

TEST_CASE("where the planned days fall into two flights the schedule's own weights hold") {
  Network network = small_network();
  Campaign& first = network.schedule.campaigns[0];
  first.flights[0].last_day = kMonday + 2;
  first.flights.push_back({FlightPhase::burst, kMonday + 3, kMonday + 9, {{51, 1}}});
  const auto both = allocate(network, {kMonday, kMonday + 6, 1, 1e-4});
  CHECK(NumbersMaker(network, *both).of(0).campaigns[0].creative_weight.empty());
  const auto later = allocate(network, {kMonday + 4, kMonday + 4, 1, 1e-4});
  const auto shares = NumbersMaker(network, *later).of(0).campaigns[0].creative_weight;
  REQUIRE(shares.size() == 1);
  CHECK(shares[0].creative == 51);
}

TEST_CASE("a contract's days share its goal evenly and add up to it") {
  Network network = small_network();
  network.contracts[0].goal = 1'000;
  std::int64_t sum = 0;
  for (std::int64_t day = kMonday - 1; day <= kMonday + 7; ++day) {
    Network one = network;
    keep_day(one, day);
    const std::int64_t share = one.contracts[0].goal;
    const bool within = day >= kMonday && day <= kMonday + 6;
    CHECK((within ? share == 142 || share == 143 : share == 0));
    sum += share;
  }
  CHECK(sum == 1'000);
}
