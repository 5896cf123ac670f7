// A bitmap to draw on: 32 bits a pixel, 0xAARRGGBB, colours multiplied by their alpha, as Cairo has
// it. Transparent at first. One thread at a time.
#pragma once

#include <cstdint>
#include <vector>

namespace vitrine {

struct Color {
  std::uint8_t red = 0, green = 0, blue = 0;
};

class Canvas {
 public:
  Canvas(int width, int height)
      : width_(width), height_(height), pixels_(static_cast<std::size_t>(width) * height) {}
  int width() const { return width_; }
  int height() const { return height_; }
  int stride() const { return width_ * 4; }  // bytes
  std::uint32_t* row(int y) { return pixels_.data() + static_cast<std::size_t>(width_) * y; }
  const std::uint32_t* row(int y) const {
    return pixels_.data() + static_cast<std::size_t>(width_) * y;
  }
  // Opaque. What lies outside the canvas is left out.
  void fill(int x, int y, int width, int height, Color color);

 private:
  int width_, height_;
  std::vector<std::uint32_t> pixels_;
};

}  // namespace vitrine
