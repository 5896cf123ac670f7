#include <algorithm>
#include <cstring>

#include "player/source.hpp"

namespace vitrine {

PictureBuffer::PictureBuffer(int width, int height)
    : width_(width),
      height_(height),
      stride_((width + 63) / 64 * 64),  // whole cache lines, so that rows never share one
      bytes_(static_cast<std::size_t>(stride_) * height * 3 / 2) {
  fill(0, 0, width, height, 16, 128, 128);
}

Picture PictureBuffer::view() const {
  const std::uint8_t* luma = bytes_.data();
  return {width_,  height_, luma, luma + static_cast<std::size_t>(stride_) * height_,
          stride_, stride_};
}

void PictureBuffer::fill(int x, int y, int width, int height, std::uint8_t luma_value,
                         std::uint8_t cb, std::uint8_t cr) {
  for (int row = y; row < y + height; ++row) {
    std::memset(luma() + static_cast<std::size_t>(stride_) * row + x, luma_value, width);
  }
  for (int row = y / 2; row < (y + height) / 2; ++row) {
    std::uint8_t* out = chroma() + static_cast<std::size_t>(stride_) * row + x;
    for (int i = 0; i < width / 2; ++i) {
      out[2 * i] = cb;
      out[2 * i + 1] = cr;
    }
  }
  inner_[0] = -1;  // whatever was framed before may have been painted over
}

void PictureBuffer::frame_with_black(int x, int y, int width, int height) {
  const int wanted[4] = {x, y, width, height};
  if (std::equal(wanted, wanted + 4, inner_)) return;
  if (width < width_ || height < height_) fill(0, 0, width_, height_, 16, 128, 128);
  std::copy(wanted, wanted + 4, inner_);
}

}  // namespace vitrine
