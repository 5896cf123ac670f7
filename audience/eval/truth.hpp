// A hand-made truth of a clip's crossings, and how what was found compares with it.
#pragma once

#include <vector>

#include "audience/line.hpp"
#include "clip.hpp"
#include "platform/file.hpp"

namespace vitrine {

struct TrueCrossing {
  double seconds = 0;  // from the clip's start
  int direction = 0;   // +1 in, -1 out
  double tolerance = 1.0;
};

// {"size": [w, h], "line": [x0, y0, x1, y1] in pixels, "crossings": [{"t": seconds, "dir":
// "LR"|"RL", "tol"?}]}; LR is in for a line drawn from top to bottom.
struct Truth {
  Line line;
  std::vector<TrueCrossing> crossings;
};
Result<Truth> read_truth(const fs::path& path);

// Each crossing found belongs to at most one true one of its direction, within the tolerance of
// that, so that most have their counterpart.
struct Match {
  int hits = 0;
  int false_alarms = 0;
  int missed = 0;
};
Match match(const std::vector<TrueCrossing>& truth, const std::vector<ClipCrossing>& found);

}  // namespace vitrine
