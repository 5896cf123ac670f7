#include "converter.hpp"

#include <libyuv.h>

#include <algorithm>

namespace vitrine {
namespace {

// An 8-bit 4:2:0 view of what the decoder made, in its own memory: no copy. False for other
// layouts.
bool borrow(const AVFrame& frame, Planes& planes) {
  if (frame.format != AV_PIX_FMT_YUV420P && frame.format != AV_PIX_FMT_YUVJ420P) return false;
  if (frame.linesize[1] != frame.linesize[2]) return false;
  planes = {frame.width,   frame.height,      frame.data[0],    frame.data[1],
            frame.data[2], frame.linesize[0], frame.linesize[1]};
  return true;
}

bool to_planes(const AVFrame& frame, const Planes& out) {
  const auto* y = frame.data[0];
  const auto* u = frame.data[1];
  const auto* v = frame.data[2];
  const int w = frame.width, h = frame.height;
  const int* line = frame.linesize;
  switch (frame.format) {
    case AV_PIX_FMT_YUV420P:
    case AV_PIX_FMT_YUVJ420P:
    case AV_PIX_FMT_YUVA420P:
      return libyuv::I420Copy(y, line[0], u, line[1], v, line[2], out.y, out.y_stride, out.u,
                              out.uv_stride, out.v, out.uv_stride, w, h) == 0;
    case AV_PIX_FMT_YUV422P:
    case AV_PIX_FMT_YUVJ422P:
      return libyuv::I422ToI420(y, line[0], u, line[1], v, line[2], out.y, out.y_stride, out.u,
                                out.uv_stride, out.v, out.uv_stride, w, h) == 0;
    case AV_PIX_FMT_YUV444P:
    case AV_PIX_FMT_YUVJ444P:
      return libyuv::I444ToI420(y, line[0], u, line[1], v, line[2], out.y, out.y_stride, out.u,
                                out.uv_stride, out.v, out.uv_stride, w, h) == 0;
    case AV_PIX_FMT_NV12:
      return libyuv::NV12ToI420(y, line[0], u, line[1], out.y, out.y_stride, out.u, out.uv_stride,
                                out.v, out.uv_stride, w, h) == 0;
    case AV_PIX_FMT_YUV420P10LE:
      return libyuv::I010ToI420(reinterpret_cast<const std::uint16_t*>(y), line[0] / 2,
                                reinterpret_cast<const std::uint16_t*>(u), line[1] / 2,
                                reinterpret_cast<const std::uint16_t*>(v), line[2] / 2, out.y,
                                out.y_stride, out.u, out.uv_stride, out.v, out.uv_stride, w,
                                h) == 0;
    default:
      return rgb_to_planes(frame, out);
  }
}

struct Place {
  int x, y, width, height;  // all even
};

// The largest rectangle of the source's shape, in the middle. Non-square pixels are honoured.
Place fit(int width, int height, AVRational pixel, int out_width, int out_height) {
  std::int64_t wide = width, high = height;
  if (pixel.num > 0 && pixel.den > 0) {
    wide *= pixel.num;
    high *= pixel.den;
  }
  std::int64_t w = out_width, h = out_width * high / wide;
  if (h > out_height) {
    h = out_height;
    w = out_height * wide / high;
  }
  // A sliver of black at the edges from rounding helps nobody.
  const auto even = [](std::int64_t value, int whole) {
    const int rounded = static_cast<int>((value + 1) / 2 * 2);
    return std::clamp(whole - rounded <= 2 ? whole : rounded, 2, whole);
  };
  const int fit_w = even(w, out_width), fit_h = even(h, out_height);
  return {(out_width - fit_w) / 4 * 2, (out_height - fit_h) / 4 * 2, fit_w, fit_h};
}

void scale_once(const Planes& from, const Planes& to) {
  libyuv::I420Scale(from.y, from.y_stride, from.u, from.uv_stride, from.v, from.uv_stride,
                    from.width, from.height, to.y, to.y_stride, to.u, to.uv_stride, to.v,
                    to.uv_stride, to.width, to.height, libyuv::kFilterBox);
}

}  // namespace

// libyuv divides the sum of a box by a truncated reciprocal and truncates again: from 1080p to
// 480x272 white came out as 252. Boxes of two by two are exact, and below a factor of two it
// interpolates, so what is more than twice too large is halved first.
void Converter::scale(Planes from, const Planes& to) {
  int turn = 0;
  while (from.width > 2 * to.width || from.height > 2 * to.height) {
    const int width = from.width > 2 * to.width ? (from.width + 1) / 2 : from.width;
    const int height = from.height > 2 * to.height ? (from.height + 1) / 2 : from.height;
    const Planes half = room(halved_[turn], width, height);
    scale_once(from, half);
    from = half;
    turn = 1 - turn;
  }
  scale_once(from, to);
}

Planes Converter::room(Bytes& memory, int width, int height) {
  const int half = (width + 1) / 2;
  const std::size_t luma = static_cast<std::size_t>(width) * height;
  const std::size_t chroma = static_cast<std::size_t>(half) * ((height + 1) / 2);
  if (memory.size() < luma + 2 * chroma) memory.resize(luma + 2 * chroma);
  return {width, height, memory.data(), memory.data() + luma, memory.data() + luma + chroma,
          width, half};
}

std::optional<Frame> Converter::convert(DecodedFrame from, PicturePool& pool) {
  const AVFrame& frame = *from.frame;
  Planes now;
  const Coding coding = coding_of(frame);
  const bool rgb = is_rgb_or_gray(frame);
  const bool borrowed = !rgb && coding.is_output() && borrow(frame, now);
  if (!borrowed) {
    now = room(source_, frame.width, frame.height);
    if (!to_planes(frame, now)) return std::nullopt;
    if (!rgb && !coding.is_output()) recode(now, coding);
    if (frame.format == AV_PIX_FMT_YUVA420P) {
      blend_over_black(now, frame.data[3], frame.linesize[3]);
    }
  }
  AVRational pixel = frame.sample_aspect_ratio;
  if (from.rotation != 0) {
    const bool sideways = from.rotation % 180 != 0;
    const Planes turned =
        room(turned_, sideways ? now.height : now.width, sideways ? now.width : now.height);
    libyuv::I420Rotate(now.y, now.y_stride, now.u, now.uv_stride, now.v, now.uv_stride, turned.y,
                       turned.y_stride, turned.u, turned.uv_stride, turned.v, turned.uv_stride,
                       now.width, now.height, static_cast<libyuv::RotationMode>(from.rotation));
    now = turned;
    if (sideways) std::swap(pixel.num, pixel.den);
  }
  const Place place = fit(now.width, now.height, pixel, pool.width(), pool.height());
  const bool same_size = place.width == now.width && place.height == now.height;
  if (borrowed && from.rotation == 0 && now.width == pool.width() && now.height == pool.height()) {
    const Picture picture{now.width, now.height, now.y, now.u, now.v, now.y_stride, now.uv_stride};
    return Frame{picture, from.time, std::shared_ptr<AVFrame>(std::move(from.frame)),
                 from.last_good};
  }
  auto buffer = pool.take();
  buffer->frame_with_black(place.x, place.y, place.width, place.height);
  const Planes to = buffer->part(place.x, place.y, place.width, place.height);
  if (same_size) {
    libyuv::I420Copy(now.y, now.y_stride, now.u, now.uv_stride, now.v, now.uv_stride, to.y,
                     to.y_stride, to.u, to.uv_stride, to.v, to.uv_stride, now.width, now.height);
  } else {
    scale(now, to);
  }
  return Frame{buffer->view(), from.time, buffer, from.last_good};
}

}  // namespace vitrine
