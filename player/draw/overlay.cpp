#include "overlay.hpp"

#include <algorithm>
#include <cstddef>

namespace vitrine {
namespace {

constexpr int kBits = 14;
constexpr int scaled_up(double value) {
  return static_cast<int>(value * (1 << kBits) + (value < 0 ? -0.5 : 0.5));
}
// BT.709: what red, green and blue of 0..255 give of luma (16..235) and of Cb and Cr (16..240).
constexpr double kRed = 0.2126, kBlue = 0.0722, kGreen = 1 - kRed - kBlue;
constexpr int kLumaRed = scaled_up(kRed * 219 / 255), kLumaGreen = scaled_up(kGreen * 219 / 255),
              kLumaBlue = scaled_up(kBlue * 219 / 255);
constexpr double kCb = 224 / 255.0 / (2 * (1 - kBlue)), kCr = 224 / 255.0 / (2 * (1 - kRed));
constexpr int kCbRed = scaled_up(-kRed * kCb), kCbGreen = scaled_up(-kGreen * kCb),
              kCbBlue = -kCbRed - kCbGreen;  // grey has exactly no colour
constexpr int kCrBlue = scaled_up(-kBlue * kCr), kCrGreen = scaled_up(-kGreen * kCr),
              kCrRed = -kCrBlue - kCrGreen;

struct Sum {
  int red = 0, green = 0, blue = 0;
  void add(std::uint32_t pixel) {
    red += static_cast<int>(pixel >> 16 & 255);
    green += static_cast<int>(pixel >> 8 & 255);
    blue += static_cast<int>(pixel & 255);
  }
};

std::uint8_t luma_of(std::uint32_t pixel) {
  Sum one;
  one.add(pixel);
  const int value = kLumaRed * one.red + kLumaGreen * one.green + kLumaBlue * one.blue;
  return static_cast<std::uint8_t>((value + (16 << kBits) + (1 << (kBits - 1))) >> kBits);
}

// Of four pixels.
std::uint8_t chroma_of(const Sum& sum, int red, int green, int blue) {
  const int value = red * sum.red + green * sum.green + blue * sum.blue;
  const int shifted = (value + (128 << (kBits + 2)) + (1 << (kBits + 1))) >> (kBits + 2);
  return static_cast<std::uint8_t>(std::clamp(shifted, 0, 255));
}

}  // namespace

void paint(const Canvas& canvas, const Planes& to) {
  const int width = std::min(canvas.width(), to.width) / 2 * 2;
  const int height = std::min(canvas.height(), to.height) / 2 * 2;
  for (int y = 0; y < height; y += 2) {
    std::uint8_t* luma = to.y + static_cast<std::ptrdiff_t>(to.y_stride) * y;
    const std::ptrdiff_t chroma = static_cast<std::ptrdiff_t>(to.uv_stride) * (y / 2);
    const std::uint32_t* upper = canvas.row(y);
    const std::uint32_t* lower = canvas.row(y + 1);
    for (int x = 0; x < width; x += 2) {
      Sum sum;
      for (int i = x; i < x + 2; ++i) {
        luma[i] = luma_of(upper[i]);
        luma[i + to.y_stride] = luma_of(lower[i]);
        sum.add(upper[i]);
        sum.add(lower[i]);
      }
      to.u[chroma + x / 2] = chroma_of(sum, kCbRed, kCbGreen, kCbBlue);
      to.v[chroma + x / 2] = chroma_of(sum, kCrRed, kCrGreen, kCrBlue);
    }
  }
}

}  // namespace vitrine
