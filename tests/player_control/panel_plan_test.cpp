#include "player/panel_plan.hpp"

#include <doctest/doctest.h>

using namespace vitrine;

namespace {

constexpr std::int64_t kDay0 = 20'000;  // a local day, in UTC

// Shows from 08:00 to 20:00 of every day.
std::vector<Daypart> daytime() {
  Daypart part;
  part.from_minute = 8 * 60;
  part.until_minute = 20 * 60;
  return {part};
}

// CLOCK_BOOTTIME counts from midnight of day 0 here.
KnownClock clock_of(ClockTrust trust) {
  return {trust, kDay0 * kDay};
}

const KnownClock kTrusted = clock_of(ClockTrust::trusted), kHeld = clock_of(ClockTrust::held);

}  // namespace

TEST_CASE("the panel is dark outside its hours, to the second") {
  PanelPlan plan{ZoneTable()};
  CHECK(plan.dark(daytime(), kTrusted, 8 * kHour - kSecond));
  CHECK(plan.is_dark());
  CHECK_FALSE(plan.dark(daytime(), kTrusted, 8 * kHour));
  CHECK_FALSE(plan.is_dark());
  CHECK_FALSE(plan.dark(daytime(), kTrusted, 20 * kHour - kSecond));
  CHECK(plan.dark(daytime(), kTrusted, 20 * kHour));
  CHECK_FALSE(plan.dark({}, kTrusted, 21 * kHour));
}

TEST_CASE("a clock that nobody trusts switches nothing off; one that was trusted goes on") {
  PanelPlan plan{ZoneTable()};
  CHECK_FALSE(plan.dark(daytime(), clock_of(ClockTrust::none), 1 * kHour));
  CHECK_FALSE(plan.dark(daytime(), kHeld, 1 * kHour));
  CHECK(plan.dark(daytime(), kTrusted, 1 * kHour));
  CHECK(plan.dark(daytime(), kHeld, 2 * kHour));
  CHECK_FALSE(plan.dark(daytime(), clock_of(ClockTrust::none), 3 * kHour));
  CHECK_FALSE(plan.dark(daytime(), kHeld, 4 * kHour));
}

TEST_CASE("an order holds until the hours next change") {
  PanelPlan plan{ZoneTable()};
  CHECK_FALSE(plan.dark(daytime(), kTrusted, 10 * kHour));
  plan.order(false);
  CHECK(plan.dark(daytime(), kTrusted, 10 * kHour + kSecond));
  CHECK(plan.dark(daytime(), kTrusted, 19 * kHour));
  CHECK(plan.dark(daytime(), kTrusted, 21 * kHour));  // of the hours themselves
  plan.order(true);
  CHECK_FALSE(plan.dark(daytime(), kTrusted, 22 * kHour));
  CHECK_FALSE(plan.dark(daytime(), kTrusted, 31 * kHour));
  CHECK_FALSE(plan.dark(daytime(), kTrusted, 33 * kHour));
  CHECK(plan.dark(daytime(), kTrusted, 45 * kHour));  // the order has ended with its night
}

TEST_CASE("without hours an order holds until the opposite one") {
  PanelPlan plan{ZoneTable()};
  plan.order(false);
  CHECK(plan.dark({}, kTrusted, 1 * kHour));
  CHECK(plan.dark({}, clock_of(ClockTrust::none), 1000 * kHour));
  plan.order(true);
  CHECK_FALSE(plan.dark({}, kTrusted, 1001 * kHour));
}

TEST_CASE("what was decided for the seam ahead is not taken back by the moment before it") {
  PanelPlan plan{ZoneTable()};
  CHECK(plan.dark(daytime(), kTrusted, 20 * kHour + kSecond));
  CHECK(plan.dark(daytime(), kTrusted, 20 * kHour - kSecond));
}
