#include "network_input.hpp"

#include <libyuv.h>

#include <algorithm>
#include <array>

#include "scaled_luma.hpp"

namespace vitrine {
namespace {

std::array<float, 256> grey_levels(bool full_range) {
  std::array<float, 256> levels{};
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const auto value = static_cast<float>(i);
    levels[i] = full_range ? value / 255 : std::clamp((value - 16) / 219, 0.0F, 1.0F);
  }
  return levels;
}

}  // namespace

void NetworkInput::fill_grey(const Frame& frame, int width, int height, float* planes) {
  const std::size_t size = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  static const auto kFull = grey_levels(true);
  static const auto kNarrow = grey_levels(false);
  const auto& levels = frame.full_range ? kFull : kNarrow;
  for (std::size_t i = 0; i < size; ++i) planes[i] = levels[y_[i]];
  std::copy_n(planes, size, planes + size);
  std::copy_n(planes, size, planes + 2 * size);
}

void NetworkInput::fill(const Frame& frame, int width, int height, float* planes) {
  const std::size_t size = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  scale_luma(frame, width, height, y_);
  if (!frame.coloured()) return fill_grey(frame, width, height, planes);

  const int chroma_width = width / 2, chroma_height = height / 2;
  for (const auto& [from, to] : {std::pair{&frame.cb, &cb_}, std::pair{&frame.cr, &cr_}}) {
    to->resize(size / 4);
    libyuv::ScalePlane(from->data(), frame.chroma_width(), frame.chroma_width(),
                       frame.chroma_height(), to->data(), chroma_width, chroma_width, chroma_height,
                       libyuv::kFilterBox);
  }
  bgra_.resize(4 * size);
  const auto convert = frame.full_range ? libyuv::J420ToARGB : libyuv::I420ToARGB;
  convert(y_.data(), width, cb_.data(), chroma_width, cr_.data(), chroma_width, bgra_.data(),
          4 * width, width, height);
  constexpr float kScale = 1.0F / 255;
  const std::uint8_t* pixel = bgra_.data();
  for (std::size_t i = 0; i < size; ++i, pixel += 4) {
    planes[i] = static_cast<float>(pixel[2]) * kScale;
    planes[size + i] = static_cast<float>(pixel[1]) * kScale;
    planes[2 * size + i] = static_cast<float>(pixel[0]) * kScale;
  }
}

}  // namespace vitrine
