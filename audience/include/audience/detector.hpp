// From a frame to boxes. What a detector can know decides the quality of every row that rests on
// it.
#pragma once

#include <memory>
#include <vector>

#include "audience/frame_source.hpp"
#include "protocol/exposure.hpp"

namespace vitrine {

// From here on a box is believed to be what it was taken for and may begin a track. A detector may
// tell weaker ones, too: they only go on with a track that is there.
inline constexpr float kSureScore = 0.6F;

// Where in the picture, as a share of its height, a box is cut off by the upper edge: it has no
// head to be known by. Arms, pillars, curtains and doors look so, and people who come in view of a
// screen hardly ever begin so.
inline constexpr double kUpperEdge = 0.02;
inline constexpr float kHeadlessScore = 0.59F;  // the most that such a box is given

// In pixels of the frame; x, y is the top left corner, y grows downwards.
struct Box {
  double x = 0, y = 0, width = 0, height = 0;
  float score = 1;  // 0..1; 1 where the detector has no doubts to tell
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
  // A frame was passed over, for nothing has moved since the last one that was looked at.
  virtual void unmoved() {}
  // Between two looks; 0 = every frame is wanted.
  virtual Micros period() const { return 0; }
  // After so long even an empty picture in which nothing moves is looked at.
  virtual Micros recheck() const { return 5 * kSecond; }
  // So many sure boxes at least make a track believed.
  virtual int least_hits() const { return 3; }
  virtual Quality quality() const = 0;
  virtual Method method() const = 0;
  virtual Hash256 model() const { return {}; }  // SHA-256 of the model file; zero = none
};

}  // namespace vitrine
