#include "audience/motion_gate.hpp"

#include <algorithm>
#include <cstdlib>

#include "scaled_luma.hpp"

namespace vitrine {

bool MotionGate::moves(const Frame& frame) {
  const int width = std::min(options_.width, frame.width);
  const int height = std::max(1, frame.height * width / frame.width);
  if (width != width_ || height != height_) {
    width_ = width;
    height_ = height;
    reset();
  }
  scale_luma(frame, width, height, small_);
  if (kept_.empty()) return true;
  // Noise changes pixels here and there; what comes in has edges, and those of a body stand
  // upright.
  const auto row = static_cast<std::size_t>(width);
  changed_.resize(small_.size());
  int pairs = 0;
  for (std::size_t i = 0; i < small_.size(); ++i) {
    changed_[i] = std::abs(small_[i] - kept_[i]) >= options_.least_change ? 1 : 0;
    if (i >= row) pairs += changed_[i] & changed_[i - row];
  }
  return pairs >= options_.least_pairs;
}

void MotionGate::keep() {
  kept_.swap(small_);
}

}  // namespace vitrine
