// From a frame to boxes. What a detector can know decides the quality of every row that rests on
// it.
#pragma once

#include <memory>
#include <vector>

#include "audience/frame_source.hpp"
#include "protocol/exposure.hpp"

namespace vitrine {

// In pixels of the frame; x, y is the top left corner, y grows downwards.
struct Box {
  double x = 0, y = 0, width = 0, height = 0;
  float score = 1;  // how sure the detector is, 0..1
};

struct Detections {
  bool usable = false;  // false: nothing can be said of this frame (warming up, the light changed);
                        // it counts as blind
  std::vector<Box> boxes;
};

// Used by one thread.
class Detector {
 public:
  virtual ~Detector() = default;
  virtual Detections detect(const Frame& frame) = 0;
  virtual void reset() = 0;  // forget the scene: the camera was away
  virtual Quality quality() const = 0;
  virtual Method method() const = 0;
  virtual Hash256 model() const { return {}; }  // SHA-256 of the model file; zero = none
};

}  // namespace vitrine
