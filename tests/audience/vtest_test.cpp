// Real footage with a hand-made truth: what the default camera settings count.
#include <doctest/doctest.h>

#include <cstdlib>
#include <iostream>

#include "audience/mog2.hpp"
#include "clip.hpp"
#include "truth.hpp"

using namespace vitrine;

TEST_CASE("crossings on vtest.avi: 30 of 32 and none false, by what moves at 10 frames a second") {
  const char* data = std::getenv("VITRINE_DATA");
  if (data == nullptr) {
    std::cout << "SKIPPED: line crossings on real footage need VITRINE_DATA/video/vtest.avi\n";
    return;
  }
  const std::string folder = data;
  const auto truth = read_truth(folder + "/truth/vtest.json");
  REQUIRE_MESSAGE(truth.ok(), truth.error().message);
  REQUIRE(truth->crossings.size() == 32);
  const auto detector = make_mog2_detector();
  const auto result = measure_clip(folder + "/video/vtest.avi", *detector, {.line = truth->line});
  REQUIRE_MESSAGE(result.ok(), result.error().message);
  const Match found = match(truth->crossings, result->crossings);
  std::cout << "vtest.avi: " << found.hits << " of 32 crossings, " << found.false_alarms
            << " false, " << result->person_ms / 1000 << " person-seconds, "
            << 1000 * result->cpu_seconds / static_cast<double>(result->frames) << " ms a frame\n";
  CHECK(found.hits >= 30);
  CHECK(found.false_alarms == 0);
  CHECK(result->frames == 795);
  CHECK(result->coverage_permille >= 980);
}

TEST_CASE("crossings on one-by-one-person-detection.mp4: all six visitors who come in") {
  const char* data = std::getenv("VITRINE_DATA");
  if (data == nullptr) {
    std::cout << "SKIPPED: visitors on real footage need "
                 "VITRINE_DATA/video/one-by-one-person-detection.mp4\n";
    return;
  }
  const std::string name = "one-by-one-person-detection";
  const std::string folder = data;
  const auto truth = read_truth(folder + "/truth/" + name + ".json");
  REQUIRE_MESSAGE(truth.ok(), truth.error().message);
  const auto detector = make_mog2_detector();
  const auto result =
      measure_clip(folder + "/video/" + name + ".mp4", *detector, {.line = truth->line});
  REQUIRE_MESSAGE(result.ok(), result.error().message);
  const Match found = match(truth->crossings, result->crossings);
  CHECK(found.hits == 6);
  CHECK(found.false_alarms <= 1);
}

TEST_CASE("found crossings are matched one to one, by direction, as many as go") {
  const std::vector<TrueCrossing> truth{{10, 1}, {10.5, 1}, {20, -1}, {30, 1}};
  const Match found = match(truth, {{10.2, 1}, {10.9, 1}, {20.1, 1}, {31.5, 1}, {10.4, 1}});
  CHECK(found.hits == 2);
  CHECK(found.missed == 2);
  CHECK(found.false_alarms == 3);
}

TEST_CASE("the nearest pair is not made where that leaves another crossing without one") {
  const std::vector<TrueCrossing> truth{{64.5, -1}, {64.8, -1, 1.4}};
  CHECK(match(truth, {{64.7, -1}, {65.8, -1}}).hits == 2);
}
