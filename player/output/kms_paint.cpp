#include "kms_paint.hpp"

#include <libyuv.h>

#include "xrgb.hpp"

namespace vitrine {
namespace {

Planes canvas(std::unique_ptr<PictureBuffer>& kept, int width, int height) {
  if (!kept || kept->width() != width || kept->height() != height) {
    kept = std::make_unique<PictureBuffer>(width, height);
  }
  return kept->planes();
}

bool turn(const Picture& from, int rotation, const Planes& to) {
  return libyuv::I420Rotate(from.y, from.y_stride, from.u, from.uv_stride, from.v, from.uv_stride,
                            to.y, to.y_stride, to.u, to.uv_stride, to.v, to.uv_stride, from.width,
                            from.height, static_cast<libyuv::RotationMode>(rotation)) == 0;
}

// Not libyuv's box filter, which loses up to two codes of a plain surface to rounding.
bool scale(const Picture& from, const Planes& to) {
  return libyuv::I420Scale(from.y, from.y_stride, from.u, from.uv_stride, from.v, from.uv_stride,
                           from.width, from.height, to.y, to.y_stride, to.u, to.uv_stride, to.v,
                           to.uv_stride, to.width, to.height, libyuv::kFilterBilinear) == 0;
}

}  // namespace

bool KmsPainter::paint(const Picture& picture, int rotation, const Surface& to) {
  Picture now = picture;
  if (rotation != 0) {
    const bool sideways = rotation % 180 != 0;
    const Planes planes =
        canvas(turned_, sideways ? now.height : now.width, sideways ? now.width : now.height);
    if (!turn(now, rotation, planes)) return false;
    now = turned_->view();
  }
  if (now.width != to.width || now.height != to.height) {
    if (!scale(now, canvas(scaled_, to.width, to.height))) return false;
    now = scaled_->view();
  }
  if (to.format != kFormatNv12) return convert_to_xrgb(now, to.pixels, to.pitch);
  return libyuv::I420ToNV12(now.y, now.y_stride, now.u, now.uv_stride, now.v, now.uv_stride,
                            to.pixels, to.pitch, to.chroma(), to.pitch, now.width, now.height) == 0;
}

}  // namespace vitrine
