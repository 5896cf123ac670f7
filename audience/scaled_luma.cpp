#include "scaled_luma.hpp"

#include <libyuv.h>

namespace vitrine {

void scale_luma(const Frame& frame, int width, int height, Bytes& out) {
  out.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  libyuv::ScalePlane(frame.luma.data(), frame.width, frame.width, frame.height, out.data(), width,
                     width, height, libyuv::kFilterBox);
}

}  // namespace vitrine
