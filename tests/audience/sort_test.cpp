// The published figures of SORT on MOT15 TUD-Campus (github.com/abewley/sort, README), to the last
// digit.
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "audience/assignment.hpp"
#include "audience/tracker.hpp"

using namespace vitrine;

namespace {

struct MotBox {
  int id = 0;
  Box box;
};
using MotFrames = std::map<int, std::vector<MotBox>>;

MotFrames read_mot(const std::string& path) {
  MotFrames frames;
  std::ifstream file(path);
  REQUIRE_MESSAGE(file.good(), path);
  for (std::string line; std::getline(file, line);) {
    for (char& c : line) c = c == ',' ? ' ' : c;
    std::istringstream fields(line);
    double frame = 0, id = 0;
    MotBox row;
    fields >> frame >> id >> row.box.x >> row.box.y >> row.box.width >> row.box.height;
    row.id = static_cast<int>(id);
    frames[static_cast<int>(frame)].push_back(row);
  }
  return frames;
}

struct Clear {
  int false_positives = 0, misses = 0, switches = 0, truths = 0;
};

// CLEAR-MOT at IoU 0.5: a pair of the frame before is kept while it still overlaps, the rest is
// assigned anew.
Clear clear_mot(const MotFrames& truth, const MotFrames& output) {
  Clear sums;
  std::map<int, int> track_of;       // truth -> track of the frame before
  std::map<int, int> last_track_of;  // truth -> the last track it ever had
  for (const auto& [frame, objects] : truth) {
    const auto found = output.find(frame);
    const std::vector<MotBox> tracks =
        found == output.end() ? std::vector<MotBox>() : found->second;
    std::map<int, int> now;
    std::vector<bool> taken(tracks.size());
    std::vector<std::size_t> free_objects;
    for (std::size_t i = 0; i < objects.size(); ++i) {
      bool kept = false;
      const auto before = track_of.find(objects[i].id);
      for (std::size_t j = 0; before != track_of.end() && j < tracks.size(); ++j) {
        if (tracks[j].id != before->second || taken[j]) continue;
        if (intersection_over_union(objects[i].box, tracks[j].box) < 0.5) continue;
        now[objects[i].id] = tracks[j].id;
        taken[j] = kept = true;
      }
      if (!kept) free_objects.push_back(i);
    }
    constexpr double kNever = 1e6;
    std::vector<std::vector<double>> cost;
    for (const std::size_t i : free_objects) {
      std::vector<double> row;
      for (std::size_t j = 0; j < tracks.size(); ++j) {
        const double iou = intersection_over_union(objects[i].box, tracks[j].box);
        row.push_back(taken[j] || iou < 0.5 ? kNever : 1 - iou);
      }
      cost.push_back(row);
    }
    const std::vector<int> assigned = assign(cost);
    for (std::size_t k = 0; k < free_objects.size(); ++k) {
      if (assigned[k] < 0 || cost[k][static_cast<std::size_t>(assigned[k])] >= kNever) continue;
      now[objects[free_objects[k]].id] = tracks[static_cast<std::size_t>(assigned[k])].id;
    }
    for (const auto& [object, track] : now) {
      const auto last = last_track_of.find(object);
      if (last != last_track_of.end() && last->second != track) ++sums.switches;
      last_track_of[object] = track;
    }
    sums.truths += static_cast<int>(objects.size());
    sums.misses += static_cast<int>(objects.size() - now.size());
    sums.false_positives += static_cast<int>(tracks.size() - now.size());
    track_of = now;
  }
  return sums;
}

MotFrames run_sort(const MotFrames& detections, int last_frame, int max_age) {
  constexpr Micros kStep = 100 * kMillisecond;
  constexpr int kMinHits = 3;
  Tracker tracker({.least_iou = 0.3,
                   .least_hits = kMinHits,
                   .step = kStep,
                   .coast = max_age * kStep,
                   .tentative_coast = max_age * kStep});
  MotFrames output;
  for (int frame = 1; frame <= last_frame; ++frame) {
    std::vector<Box> boxes;
    if (const auto found = detections.find(frame); found != detections.end()) {
      for (const MotBox& row : found->second) boxes.push_back(row.box);
    }
    for (const Track& track : tracker.update(boxes, frame * kStep)) {
      // SORT's rule of what it prints.
      if (track.seen && (track.streak >= kMinHits || frame <= kMinHits)) {
        output[frame].push_back({static_cast<int>(track.id), track.box});
      }
    }
  }
  return output;
}

}  // namespace

TEST_CASE("SORT mode repeats the published line on MOT15 TUD-Campus: FP 15, FN 113, IDs 6") {
  const char* data = std::getenv("VITRINE_DATA");
  if (data == nullptr) {
    std::cout << "SKIPPED: SORT on TUD-Campus needs VITRINE_DATA/mot15/TUD-Campus\n";
    return;
  }
  const std::string folder = std::string(data) + "/mot15/TUD-Campus/";
  const MotFrames truth = read_mot(folder + "gt.txt");
  const MotFrames detections = read_mot(folder + "det.txt");
  const Clear published = clear_mot(truth, run_sort(detections, truth.rbegin()->first, 1));
  CHECK(published.truths == 359);
  CHECK(published.false_positives == 15);
  CHECK(published.misses == 113);
  CHECK(published.switches == 6);

  // Coasting over 30 frames mends two thirds of the switches.
  const Clear coasting = clear_mot(truth, run_sort(detections, truth.rbegin()->first, 30));
  CHECK(coasting.false_positives == 15);
  CHECK(coasting.misses == 114);
  CHECK(coasting.switches == 2);
}
