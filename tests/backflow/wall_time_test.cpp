#include "billing/wall_time.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "random.hpp"

namespace vitrine::billing {
namespace {

constexpr std::int64_t kUtc = 20'788 * kDay;  // 2026-12-01

TimeFix fix(std::int64_t boottime_us, std::int64_t utc_us, std::int64_t error_us,
            TimeSource source = TimeSource::ntp) {
  return {{1, 2}, boottime_us, utc_us, error_us, source};
}

// A crystal whose rate wanders within 50 ppm, seen through honest fixes.
struct Screen {
  std::vector<std::int64_t> offset;  // at each of its seconds
  explicit Screen(testing::Random& random, int seconds) {
    std::int64_t at = kUtc;
    std::int64_t rate = 0;
    for (int i = 0; i < seconds; ++i) {
      offset.push_back(at);
      if (random.one_in(40)) rate = static_cast<std::int64_t>(random.below(101)) - 50;
      at += rate;
    }
  }
  std::int64_t utc(int second) const {
    return second * kSecond + offset[static_cast<std::size_t>(second)];
  }
  TimeFix honest(testing::Random& random, int second) const {
    const auto error = static_cast<std::int64_t>(random.below(200'000));
    const std::int64_t off =
        error == 0
            ? 0
            : static_cast<std::int64_t>(random.below(static_cast<std::uint32_t>(2 * error + 1))) -
                  error;
    return fix(second * kSecond, utc(second) + off, error);
  }
};

TEST_CASE("without a fix nothing is known, and the screen's own clock is no more than held") {
  CHECK(WallClock().at(5).quality == TimeQuality::none);
  // A screen with a clock that nobody vouches for says so, and its plays have a day.
  const WallClock own({fix(0, kUtc, kMinute, TimeSource::none)});
  CHECK(own.at(5).quality == TimeQuality::held);
  CHECK(own.at(5).utc_us == kUtc + 5);
  CHECK(WallClock({fix(0, 0, 0, TimeSource::none)}).at(5).quality == TimeQuality::none);
  const WallClock held({fix(0, kUtc, 1, TimeSource::rtc), fix(9, kUtc, 1, TimeSource::saved)});
  CHECK(held.at(5).quality == TimeQuality::held);
  const WallClock told({fix(0, kUtc, 1, TimeSource::rtc), fix(kSecond, 2 * kUtc / 2, 7)});
  CHECK(told.at(kSecond).quality == TimeQuality::within_second);
  CHECK(told.at(kSecond).utc_us == kUtc);
  CHECK(told.at(kSecond).error_us == 7);
}

TEST_CASE("away from a fix the error grows by 50 ppm, and the quality follows it") {
  const WallClock clock({fix(kHour, kUtc, 20'000)});
  CHECK(clock.at(kHour).error_us == 20'000);
  CHECK(clock.at(2 * kHour).error_us == 20'000 + 180'000);
  CHECK(clock.at(0).error_us == 20'000 + 180'000);
  CHECK(clock.at(2 * kHour).utc_us == kUtc + kHour);
  CHECK(clock.at(kHour + 19'600 * kSecond).quality == TimeQuality::within_second);
  CHECK(clock.at(kHour + 19'601 * kSecond).quality == TimeQuality::within_minute);
  CHECK(clock.at(kHour + 1'200'000 * kSecond).quality == TimeQuality::held);
}

TEST_CASE("between two fixes time runs on the line between them") {
  const WallClock clock(
      {fix(0, kUtc, 1'000), fix(1'000 * kSecond, kUtc + 1'000 * kSecond + 40'000, 1'000)});
  CHECK(clock.at(500 * kSecond).utc_us == kUtc + 500 * kSecond + 20'000);
  CHECK(clock.at(250 * kSecond).utc_us == kUtc + 250 * kSecond + 10'000);
  CHECK(clock.at(0).error_us == 1'000);
}

TEST_CASE("two fixes that contradict each other are not believed beyond each other") {
  const WallClock clock({fix(0, kUtc, 1'000), fix(100 * kSecond, kUtc + 3'700 * kSecond, 1'000)});
  const WallTime middle = clock.at(50 * kSecond);
  CHECK(middle.error_us >= 1'800 * kSecond);
  CHECK(middle.quality == TimeQuality::held);
}

TEST_CASE("of many fixes the best one near by is taken, not the nearest") {
  const WallClock clock({fix(0, kUtc, 1'000), fix(10 * kSecond, kUtc + 10 * kSecond, 900'000)});
  CHECK(clock.at(20 * kSecond).error_us == 2'000);
  CHECK(clock.at(5 * kSecond).error_us == 1'250);
}

TEST_CASE(
    "honest fixes in any order, repeated, and with lies that cannot be, keep the truth within the "
    "error") {
  testing::Random random(91);
  for (int round = 0; round < 60; ++round) {
    const Screen screen(random, 3'000);
    std::vector<TimeFix> fixes;
    for (std::uint64_t i = 0, count = 1 + random.below(12); i < count; ++i)
      fixes.push_back(screen.honest(random, static_cast<int>(random.below(3'000))));
    const WallClock clock(fixes);
    std::vector<TimeFix> again = fixes;
    for (std::size_t i = 0; i < fixes.size(); ++i) {
      if (random.one_in(2)) again.push_back(fixes[i]);
      std::swap(again[i], again[random.below(static_cast<std::uint32_t>(again.size()))]);
    }
    again.push_back(fix(7, 5, 0));
    again.push_back(fix(7, kUtc, -1));
    again.push_back(fix(-7, kUtc, 1));
    const WallClock shuffled(again);
    CHECK(shuffled.refused() == 3);
    for (int second = 0; second < 3'000; second += 7) {
      const WallTime wall = clock.at(second * kSecond);
      const WallTime other = shuffled.at(second * kSecond);
      REQUIRE(std::abs(wall.utc_us - screen.utc(second)) <= wall.error_us);
      REQUIRE(other.utc_us == wall.utc_us);
      REQUIRE(other.error_us == wall.error_us);
    }
  }
}

TEST_CASE("boots that last for ever and fixes at the ends of what can be do not overflow") {
  const WallClock clock(
      {fix(0, 18'262 * kDay, 0), fix(100 * 366 * kDay, 47'482 * kDay - 1, 366 * kDay)});
  for (const std::int64_t at : {std::int64_t{0}, 50 * 366 * kDay, 100 * 366 * kDay})
    CHECK(clock.at(at).quality != TimeQuality::none);
  CHECK(clock.at(-1).quality == TimeQuality::none);
  CHECK(clock.at(INT64_MAX).quality == TimeQuality::none);
}

}  // namespace
}  // namespace vitrine::billing
