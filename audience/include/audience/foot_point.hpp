// Where somebody stands: the middle of the box's lower edge.
#pragma once

#include <algorithm>

#include "audience/detector.hpp"

namespace vitrine {

struct FootPoint {
  double x = 0, y = 0;
};

// Feet below the edge of the picture stand on it.
inline FootPoint foot_point(const Box& box, int frame_height) {
  return {box.x + box.width / 2, std::min(box.y + box.height, static_cast<double>(frame_height))};
}

}  // namespace vitrine
