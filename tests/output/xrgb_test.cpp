#include "output/xrgb.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "player/picture.hpp"

using namespace vitrine;

TEST_CASE("every colour of BT.709 reaches the display within 2 codes") {
  // Wide enough for the vector kernels and for what they leave to the plain one.
  constexpr int width = 70, height = 2;
  PictureBuffer picture(width, height);
  std::vector<std::uint8_t> pixels(width * height * 4);
  double worst[3] = {};
  for (int red = 0; red < 256; red += 15) {
    for (int green = 0; green < 256; green += 15) {
      for (int blue = 0; blue < 256; blue += 15) {
        const double luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        const auto y = static_cast<std::uint8_t>(std::lround(16 + luma * 219 / 255));
        const auto cb =
            static_cast<std::uint8_t>(std::lround(128 + (blue - luma) / 1.8556 * 224 / 255));
        const auto cr =
            static_cast<std::uint8_t>(std::lround(128 + (red - luma) / 1.5748 * 224 / 255));
        picture.fill(0, 0, width, height, y, cb, cr);
        REQUIRE(convert_to_xrgb(picture.view(), pixels.data(), width * 4));
        const double shade = (y - 16) / 219.0, u = (cb - 128) / 224.0, v = (cr - 128) / 224.0;
        const double exact[3] = {shade + 1.8556 * u, shade - 0.1873 * u - 0.4681 * v,
                                 shade + 1.5748 * v};
        for (const int x : {0, width - 1}) {
          for (int channel = 0; channel < 3; ++channel) {
            const double wanted = std::clamp(exact[channel] * 255, 0.0, 255.0);
            worst[channel] = std::max(worst[channel], std::fabs(pixels[4 * x + channel] - wanted));
          }
        }
      }
    }
  }
  CHECK(worst[0] <= 2);
  CHECK(worst[1] <= 2);
  CHECK(worst[2] <= 2);
}
