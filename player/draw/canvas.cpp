#include "canvas.hpp"

#include <algorithm>

namespace vitrine {

void Canvas::fill(int x, int y, int width, int height, Color color) {
  const std::uint32_t pixel =
      0xff00'0000U | std::uint32_t{color.red} << 16 | std::uint32_t{color.green} << 8 | color.blue;
  const int left = std::clamp(x, 0, width_), right = std::clamp(x + width, left, width_);
  const int top = std::clamp(y, 0, height_), bottom = std::clamp(y + height, top, height_);
  for (int at = top; at < bottom; ++at) std::fill(row(at) + left, row(at) + right, pixel);
}

}  // namespace vitrine
