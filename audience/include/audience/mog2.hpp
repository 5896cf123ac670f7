// What moves against a learnt background (Zivkovic's mixture of Gaussians). Needs no model file and
// 1 to 3 ms a frame. It sees motion, not people, and standing people fade into the background
// within seconds: good for crossings, quality `flow`.
#pragma once

#include "audience/detector.hpp"

namespace vitrine {

// All lengths in pixels of the picture scaled to `width`.
struct Mog2Options {
  int width = 320;
  // Frames. With 150 a change becomes background within 1.5 s at 10 fps, and the picture is usable
  // at once. This and the threshold were chosen on one clip (vtest.avi: 30 of 32 crossings, none
  // false, for 22..36); another one agrees (6 of 6).
  int history = 150;
  double threshold = 28;  // squared Mahalanobis distance
  int warm_up = 10;       // frames before the first answer
  int least_area = 60;    // of foreground
  int least_height = 14;
  double most_aspect = 1.6;  // width / height: a shadow or a car is wider than this
  double most_foreground =
      0.5;  // of the picture; above it the light changed and the frame is blind
};

std::unique_ptr<Detector> make_mog2_detector(const Mog2Options& options = {});

}  // namespace vitrine
