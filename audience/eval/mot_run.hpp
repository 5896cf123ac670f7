// Given boxes through the tracker alone.
#pragma once

#include "audience/tracker.hpp"
#include "mot_file.hpp"

namespace vitrine {

struct MotRun {
  MotFrames tracks;
  int frames = 0;
  double tracker_us = 0;  // of this thread, a frame, in the mean
};

// As the counters see it: a believed track's boxes from its first one on, without those in which it
// was unseen. `frame` = time from one picture to the next.
MotRun track_detections(const MotFrames& detections, const TrackerOptions& options, Micros frame);
// The same by the rule by which SORT prints: three boxes in a row, and the first three frames.
MotRun sort_detections(const MotFrames& detections, Micros frame, int max_age = 1);

}  // namespace vitrine
