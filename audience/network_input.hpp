// A frame as a network wants it: planes of red, green and blue, 0..1, at the network's own size.
#pragma once

#include "audience/frame_source.hpp"

namespace vitrine {

class NetworkInput {
 public:
  // Scales first and turns the little that is left into colours. A grey source has three equal
  // planes. `planes` holds 3 * width * height; both even.
  void fill(const Frame& frame, int width, int height, float* planes);

 private:
  void fill_grey(const Frame& frame, int width, int height, float* planes);

  Bytes y_, cb_, cr_, bgra_;
};

}  // namespace vitrine
