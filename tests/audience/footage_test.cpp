// Real footage with hand-made truths: what the default settings count on it.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "audience/dnn.hpp"
#include "audience/mog2.hpp"
#include "clip.hpp"
#include "truth.hpp"

using namespace vitrine;

namespace {

struct Footage {
  fs::path clip;
  Truth truth;
  fs::path models;
};

// Absent without the footage, which is said.
std::optional<Footage> footage(const char* clip, const char* truth_file) {
  const char* data = std::getenv("VITRINE_DATA");
  if (data == nullptr) {
    std::cout << "SKIPPED: counts on real footage need VITRINE_DATA/video/" << clip << "\n";
    return std::nullopt;
  }
  const fs::path folder = data;
  Footage found{folder / "video" / clip, {}, folder / "models"};
  if (truth_file != nullptr) {
    auto truth = read_truth(folder / "truth" / truth_file);
    REQUIRE_MESSAGE(truth.ok(), truth.error().message);
    found.truth = *truth;
  }
  return found;
}

ClipResult measure(const Footage& footage, Detector& detector, int fps) {
  auto result = measure_clip(footage.clip, detector, {.line = footage.truth.line, .most_fps = fps});
  REQUIRE_MESSAGE(result.ok(), result.error().message);
  std::cout << footage.clip.filename().string() << " at " << fps << ": " << result->crossings.size()
            << " crossings, " << result->visits.size() << " visits, " << result->person_ms / 1000
            << " person-seconds, "
            << 1000 * result->cpu_seconds / static_cast<double>(result->frames) << " ms a frame\n";
  return *result;
}

std::unique_ptr<Detector> network(const Footage& footage) {
  auto detector = make_dnn_detector({.model = {footage.models / "yolo-fastest-1.1_body.cfg",
                                               footage.models / "yolo-fastest-1.1_body.weights"}});
  REQUIRE_MESSAGE(detector.ok(), detector.error().message);
  return std::move(*detector);
}

}  // namespace

TEST_CASE("vtest.avi by what moves, at 10 frames a second: 30 of 32 crossings and none false") {
  const auto data = footage("vtest.avi", "vtest.json");
  if (!data) return;
  REQUIRE(data->truth.crossings.size() == 32);
  const auto detector = make_mog2_detector();
  const ClipResult result = measure(*data, *detector, 10);
  const Match found = match(data->truth.crossings, result.crossings);
  CHECK(found.hits >= 30);
  CHECK(found.false_alarms == 0);
  CHECK(result.frames == 795);
  CHECK(result.coverage_permille >= 980);
}

TEST_CASE("vtest.avi by a network, at 5 frames a second: 31 of 32 crossings and none false") {
  const auto data = footage("vtest.avi", "vtest.json");
  if (!data) return;
  const auto detector = network(*data);
  const ClipResult result = measure(*data, *detector, 5);
  const Match found = match(data->truth.crossings, result.crossings);
  CHECK(found.hits >= 31);
  CHECK(found.false_alarms == 0);
  const auto in = std::count_if(result.crossings.begin(), result.crossings.end(),
                                [](const ClipCrossing& one) { return one.direction > 0; });
  CHECK(std::abs(static_cast<int>(in) - 14) <= 1);
  CHECK(std::abs(static_cast<int>(std::ssize(result.crossings) - in) - 18) <= 1);
}

TEST_CASE("one by one, by what moves: all six visitors who go, hardly another one") {
  const auto data = footage("one-by-one-person-detection.mp4", "one-by-one-person-detection.json");
  if (!data) return;
  const auto detector = make_mog2_detector();
  const ClipResult result = measure(*data, *detector, 10);
  const Match found = match(data->truth.crossings, result.crossings);
  CHECK(found.hits == 6);
  CHECK(found.false_alarms <= 1);
}

TEST_CASE("one by one, by a network: six visits, their time within 4 % of 108.3 s") {
  const auto data = footage("one-by-one-person-detection.mp4", "one-by-one-person-detection.json");
  if (!data) return;
  const auto detector = network(*data);
  const ClipResult result = measure(*data, *detector, 5);
  CHECK(result.visits.size() == 6);
  double dwell = 0;
  for (const ClipVisit& visit : result.visits) dwell += visit.dwell();
  std::cout << "one by one: " << dwell << " s of 108.3 s\n";
  CHECK(std::abs(dwell / 108.3 - 1) <= 0.04);
  const Match found = match(data->truth.crossings, result.crossings);
  CHECK(found.hits == 6);
  CHECK(found.false_alarms == 0);
}

TEST_CASE("bottles that a hand moves are nobody for a network") {
  const auto data = footage("bottle-detection.mp4", nullptr);
  if (!data) return;
  const auto detector = network(*data);
  CHECK(measure(*data, *detector, 5).visits.empty());
}
