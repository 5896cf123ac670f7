#include "audience/pace.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace vitrine;

namespace {

constexpr Micros kStart = 5000 * kSecond;
constexpr Micros kWanted = 200 * kMillisecond;

// A camera of `fps` for `seconds`; each look costs `cost`. The times of the looks.
std::vector<Micros> looks(Pace& pace, int fps, int seconds, const LookCost& cost = {},
                          Micros from = kStart) {
  std::vector<Micros> at;
  for (int i = 0; i < fps * seconds; ++i) {
    const Micros now = from + i * kSecond / fps;
    if (!pace.due(now)) continue;
    at.push_back(now);
    pace.spent(cost);
  }
  return at;
}

}  // namespace

TEST_CASE("of a camera of ten frames a second every second frame is looked at") {
  Pace pace({.period = kWanted});
  const auto at = looks(pace, 10, 4);
  REQUIRE(at.size() == 20);
  for (std::size_t i = 1; i < at.size(); ++i) CHECK(at[i] - at[i - 1] == kWanted);
}

TEST_CASE("a camera whose rate does not fit is looked at five times a second in the mean") {
  for (const int fps : {7, 8, 12, 13, 25, 30}) {
    CAPTURE(fps);
    Pace pace({.period = kWanted});
    const auto count = looks(pace, fps, 20).size();
    CHECK(count >= 99);
    CHECK(count <= 101);
  }
}

TEST_CASE("a slower camera is looked at frame by frame, and so is any when no period is set") {
  Pace slow({.period = kWanted});
  CHECK(looks(slow, 4, 5).size() == 20);
  Pace each({});
  CHECK(looks(each, 10, 5).size() == 50);
}

TEST_CASE("jitter of a few milliseconds costs no look") {
  Pace pace({.period = kWanted});
  int count = 0;
  for (int i = 0; i < 100; ++i) {
    count += pace.due(kStart + i * 100 * kMillisecond + (i % 3) * 5 * kMillisecond) ? 1 : 0;
  }
  CHECK(count == 50);
}

TEST_CASE("after a pause there is nothing to catch up with") {
  Pace pace({.period = kWanted});
  looks(pace, 10, 2);
  CHECK(looks(pace, 10, 2, {}, kStart + kMinute).size() == 10);
}

TEST_CASE("a dear look makes looks rarer, until they cost no more of a core than they may") {
  Pace pace({.period = kWanted, .most_cpu = 0.6});
  looks(pace, 30, 10, {.cpu = 180 * kMillisecond, .wall = 180 * kMillisecond});
  CHECK(pace.period() == doctest::Approx(300 * kMillisecond).epsilon(0.01));
  CHECK(looks(pace, 30, 30, {180 * kMillisecond, 180 * kMillisecond}, kStart + kMinute).size() ==
        doctest::Approx(100).epsilon(0.03));
}

TEST_CASE("a processor that others take makes looks rarer, though each costs little") {
  Pace pace({.period = kWanted, .most_time = 0.8});
  looks(pace, 10, 10, {.cpu = 20 * kMillisecond, .wall = 320 * kMillisecond});
  CHECK(pace.period() == doctest::Approx(400 * kMillisecond).epsilon(0.01));
  // They let go of it again.
  looks(pace, 10, 30, {.cpu = 20 * kMillisecond, .wall = 22 * kMillisecond}, kStart + kMinute);
  CHECK(pace.period() == kWanted);
}

TEST_CASE("one slow look does not change the pace") {
  Pace pace({.period = kWanted});
  looks(pace, 10, 5, {10 * kMillisecond, 12 * kMillisecond});
  pace.spent({10 * kMillisecond, 500 * kMillisecond});
  CHECK(pace.period() == kWanted);
}

TEST_CASE("whatever a look costs, there is one a second") {
  Pace pace({.period = kWanted});
  looks(pace, 10, 60, {30 * kSecond, 40 * kSecond});
  CHECK(pace.period() == kSecond);
  CHECK(looks(pace, 10, 10, {30 * kSecond, 40 * kSecond}, kStart + kHour).size() == 10);
}
