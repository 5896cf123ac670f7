// Whether anything has changed since the picture that was looked at last. Far cheaper than any
// detector, so that an empty lobby costs next to nothing: where nothing moves, nobody came and
// nobody left.
#pragma once

#include "audience/frame_source.hpp"

namespace vitrine {

struct MotionGateOptions {
  // Pixels to which the picture is brought, each the mean of what it covers. Somebody of a tenth of
  // the picture's height is twelve of them high.
  int width = 160;
  int least_change = 8;  // grey levels, of 255, by which a pixel is said to have changed
  int least_pairs = 6;   // of changed pixels, one above the other; below that it is noise
};

class MotionGate {
 public:
  explicit MotionGate(const MotionGateOptions& options = {}) : options_(options) {}

  // True as well where there is nothing to compare with: the first picture, or another size. Slow
  // changes add up until they count, for a picture is compared with the one last kept, not with the
  // one before.
  bool moves(const Frame& frame);
  void keep();  // the picture just asked about is looked at
  void reset() { kept_.clear(); }

 private:
  MotionGateOptions options_;
  Bytes small_, kept_, changed_;
  int width_ = 0, height_ = 0;  // of the small picture
};

}  // namespace vitrine
