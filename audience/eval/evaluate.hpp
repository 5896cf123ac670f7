// A clip measured as fast as it decodes, and its crossings held against a hand-made truth.
#pragma once

#include "audience/detector.hpp"
#include "audience/line.hpp"
#include "audience/tracker.hpp"
#include "platform/file.hpp"

namespace vitrine {

struct TimedCrossing {
  double seconds = 0;  // from the clip's start
  int direction = 0;   // +1 in, -1 out
  double tolerance = 1.0;
};

struct ClipResult {
  std::vector<TimedCrossing> crossings;
  std::int64_t person_ms = 0;
  std::int64_t frames = 0;
  std::int64_t coverage_permille = 0;
  double seconds = 0;      // of the clip
  double cpu_seconds = 0;  // of this thread
};
Result<ClipResult> measure_clip(const fs::path& clip, Detector& detector, const Line& line,
                                const TrackerOptions& tracking = {}, int most_fps = 10);

// Truth: {"size": [w, h], "line": [x0, y0, x1, y1] in pixels, "crossings": [{"t": seconds, "dir":
// "LR"|"RL", "tol"?}]}; LR is in for a line drawn from top to bottom.
struct Truth {
  Line line;
  std::vector<TimedCrossing> crossings;
};
Result<Truth> read_truth(const fs::path& path);

// Each crossing found belongs to at most one true one of its direction, within the tolerance,
// nearest first.
struct Match {
  int hits = 0;
  int false_alarms = 0;
  int missed = 0;
};
Match match(const std::vector<TimedCrossing>& truth, const std::vector<TimedCrossing>& found);

}  // namespace vitrine
