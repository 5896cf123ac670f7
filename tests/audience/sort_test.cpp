// The published figures of SORT on MOT15 TUD-Campus (github.com/abewley/sort, README), to the last
// digit, and what our own tracker makes of the same boxes.
#include <doctest/doctest.h>

#include <cstdlib>
#include <iostream>

#include "mot_run.hpp"
#include "mot_score.hpp"

using namespace vitrine;

namespace {

constexpr Micros kFrame = 40 * kMillisecond;  // it was filmed at 25 a second

struct Campus {
  MotFrames truth, detections;
};

// Absent without the footage's boxes, which is said.
std::optional<Campus> campus() {
  const char* data = std::getenv("VITRINE_DATA");
  if (data == nullptr) {
    std::cout << "SKIPPED: SORT on TUD-Campus needs VITRINE_DATA/mot15/TUD-Campus\n";
    return std::nullopt;
  }
  const std::string folder = std::string(data) + "/mot15/TUD-Campus/";
  auto truth = read_mot(folder + "gt.txt");
  REQUIRE_MESSAGE(truth.ok(), truth.error().message);
  auto detections = read_mot(folder + "det.txt");
  REQUIRE_MESSAGE(detections.ok(), detections.error().message);
  return Campus{*truth, *detections};
}

}  // namespace

TEST_CASE("SORT mode repeats the published line on MOT15 TUD-Campus: FP 15, FN 113, IDs 6") {
  const auto data = campus();
  if (!data) return;
  const MotScore published =
      score_tracks(data->truth, sort_detections(data->detections, kFrame).tracks);
  CHECK(published.truths == 359);
  CHECK(published.false_positives == 15);
  CHECK(published.misses == 113);
  CHECK(published.switches == 6);
  CHECK(published.mota() == doctest::Approx(0.627).epsilon(0.001));

  // Coasting over 30 frames mends two thirds of the switches.
  const MotScore coasting =
      score_tracks(data->truth, sort_detections(data->detections, kFrame, 30).tracks);
  CHECK(coasting.false_positives == 15);
  CHECK(coasting.misses == 114);
  CHECK(coasting.switches == 2);
  CHECK(coasting.idf1() == doctest::Approx(0.717).epsilon(0.001));
}

TEST_CASE(
    "our tracker is not behind SORT with coasting on MOT15 TUD-Campus: MOTA 63.5, IDF1 71.7") {
  const auto data = campus();
  if (!data) return;
  const MotRun run = track_detections(data->detections, {}, kFrame);
  const MotScore ours = score_tracks(data->truth, run.tracks);
  std::cout << "TUD-Campus: MOTA " << 100 * ours.mota() << ", IDF1 " << 100 * ours.idf1() << ", FP "
            << ours.false_positives << " FN " << ours.misses << " IDs " << ours.switches << ", "
            << run.tracker_us << " us a frame\n";
  CHECK(ours.mota() >= 0.635);
  CHECK(ours.idf1() >= 0.717);
}
