// A clip through the whole pipeline: who crossed the line and who stayed in the zone, when. Only
// for clips: here single stays leave the process, from a camera only sums do.
#pragma once

#include <functional>
#include <vector>

#include "audience/detector.hpp"
#include "audience/line.hpp"
#include "audience/tracker.hpp"
#include "audience/zone.hpp"
#include "platform/clock.hpp"
#include "platform/file.hpp"

namespace vitrine {

// Seconds from the clip's first frame.
struct ClipCrossing {
  double seconds = 0;
  int direction = 0;  // +1 in, -1 out
};
struct ClipVisit {
  double enter = 0;
  double leave = 0;
  double dwell() const { return leave - enter; }
};

struct ClipOptions {
  Line line;
  ExposureZone zone;
  TrackerOptions tracking;
  int most_fps = 10;
  bool fast = true;  // as fast as it decodes; else as fast as it was filmed
  // Told as soon as nothing can change any more; may be empty.
  std::function<void(const ClipCrossing&)> on_crossing;
  std::function<void(const ClipVisit&)> on_visit;
};

struct ClipResult {
  std::vector<ClipCrossing> crossings;
  std::vector<ClipVisit> visits;  // in the order in which they ended
  std::int64_t person_ms = 0;
  std::int64_t frames = 0;
  std::int64_t coverage_permille = 0;
  double seconds = 0;         // of the clip
  double fps = 0;             // frames a second that were handed to the pipeline
  double cpu_seconds = 0;     // of this thread, without decoding
  double decode_seconds = 0;  // of this thread
};

// Errors: `named` is not a regular file (a camera, say), or holds no picture that decodes.
Result<ClipResult> measure_clip(const fs::path& named, Detector& detector,
                                const ClipOptions& options);

}  // namespace vitrine
