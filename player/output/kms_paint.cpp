#include "kms_paint.hpp"

#include <libyuv.h>

#include "xrgb.hpp"

namespace vitrine {
namespace {

// An NV12 picture in memory of ours.
Picture placed(Bytes& memory, int width, int height) {
  const auto luma = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  memory.resize(luma * 3 / 2);
  return {width, height, memory.data(), memory.data() + luma, width, width};
}
std::uint8_t* writable(const std::uint8_t* of_ours) {
  return const_cast<std::uint8_t*>(of_ours);
}

}  // namespace

bool KmsPainter::paint(const Picture& picture, int rotation, KmsBuffer& to) {
  Picture now = picture;
  if (rotation != 0) return false;
  if (now.width != to.width() || now.height != to.height()) {
    const Picture fitted = placed(scaled_, to.width(), to.height());
    if (libyuv::NV12Scale(now.luma, now.luma_stride, now.chroma, now.chroma_stride, now.width,
                          now.height, writable(fitted.luma), fitted.luma_stride,
                          writable(fitted.chroma), fitted.chroma_stride, fitted.width,
                          fitted.height, libyuv::kFilterBilinear) != 0) {
      return false;
    }
    now = fitted;
  }
  if (to.format() != kFormatNv12) return convert_to_xrgb(now, to.pixels(), to.pitch());
  libyuv::CopyPlane(now.luma, now.luma_stride, to.pixels(), to.pitch(), now.width, now.height);
  libyuv::CopyPlane(now.chroma, now.chroma_stride, to.chroma(), to.pitch(), now.width,
                    now.height / 2);
  return true;
}

}  // namespace vitrine
