// Real footage with a hand-made truth: what the default camera settings count.
#include <doctest/doctest.h>

#include <cstdlib>
#include <iostream>

#include "audience/mog2.hpp"
#include "evaluate.hpp"

using namespace vitrine;

TEST_CASE("crossings on vtest.avi: at least 28 of 32, and hardly a false one") {
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
  const auto result = measure_clip(folder + "/video/vtest.avi", *detector, truth->line);
  REQUIRE_MESSAGE(result.ok(), result.error().message);
  const Match found = match(truth->crossings, result->crossings);
  std::cout << "vtest.avi: " << found.hits << " of 32 crossings, " << found.false_alarms
            << " false, " << result->person_ms / 1000 << " person-seconds, "
            << 1000 * result->cpu_seconds / static_cast<double>(result->frames) << " ms a frame\n";
  CHECK(found.hits >= 28);
  CHECK(found.false_alarms <= 2);
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
  const auto result = measure_clip(folder + "/video/" + name + ".mp4", *detector, truth->line);
  REQUIRE_MESSAGE(result.ok(), result.error().message);
  const Match found = match(truth->crossings, result->crossings);
  CHECK(found.hits == 6);
  CHECK(found.false_alarms <= 1);
}

TEST_CASE("found crossings are matched one to one, by direction and nearness") {
  const std::vector<TimedCrossing> truth{{10, 1}, {10.5, 1}, {20, -1}, {30, 1}};
  const Match found = match(truth, {{10.2, 1}, {10.9, 1}, {20.1, 1}, {31.5, 1}, {10.4, 1}});
  CHECK(found.hits == 2);
  CHECK(found.missed == 2);
  CHECK(found.false_alarms == 3);
}
