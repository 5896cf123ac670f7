#include "mot_run.hpp"

#include "platform/clock.hpp"

namespace vitrine {
namespace {

constexpr int kSortHits = 3;

// `told` is called with each frame's number and tracks.
template <class Told>
MotRun run(const MotFrames& detections, const TrackerOptions& options, Micros frame, Told&& told) {
  MotRun result;
  if (detections.empty()) return result;
  Tracker tracker(options);
  std::vector<Box> boxes;
  std::int64_t spent_ns = 0;
  result.frames = detections.rbegin()->first;
  for (int number = 1; number <= result.frames; ++number) {
    boxes.clear();
    if (const auto found = detections.find(number); found != detections.end()) {
      for (const MotBox& row : found->second) boxes.push_back(row.box);
    }
    const std::int64_t before = thread_processor_ns();
    const std::vector<Track>& tracks = tracker.update(boxes, number * frame);
    spent_ns += thread_processor_ns() - before;
    told(result.tracks, number, tracks);
  }
  result.tracker_us = static_cast<double>(spent_ns) / 1000 / result.frames;
  return result;
}

}  // namespace

MotRun track_detections(const MotFrames& detections, const TrackerOptions& options, Micros frame) {
  std::map<std::uint64_t, std::vector<std::pair<int, Box>>> waiting;  // until they are believed
  return run(detections, options, frame,
             [&](MotFrames& out, int number, const std::vector<Track>& tracks) {
               for (const Track& track : tracks) {
                 if (!track.seen) continue;
                 auto& boxes = waiting[track.id];
                 boxes.push_back({number, track.box});
                 if (!track.confirmed) continue;
                 for (const auto& [at, box] : boxes) {
                   out[at].push_back({static_cast<int>(track.id), box});
                 }
                 boxes.clear();
               }
             });
}

MotRun sort_detections(const MotFrames& detections, Micros frame, int max_age) {
  return run(detections, TrackerOptions::sort(frame, max_age), frame,
             [](MotFrames& out, int number, const std::vector<Track>& tracks) {
               for (const Track& track : tracks) {
                 if (track.seen && (track.streak >= kSortHits || number <= kSortHits)) {
                   out[number].push_back({static_cast<int>(track.id), track.box});
                 }
               }
             });
}

}  // namespace vitrine
