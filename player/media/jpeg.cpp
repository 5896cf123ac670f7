#include "player/jpeg.hpp"

#include <libyuv.h>
#include <turbojpeg.h>

#include <algorithm>
#include <memory>

#include "base/math.hpp"
#include "output/xrgb.hpp"

namespace vitrine {
namespace {

constexpr int kQualities[] = {90, 80, 70, 55, 40, 25, 10, 1};

struct Destroy {
  void operator()(void* held) const { tjDestroy(held); }
};

Error refused(void* encoder) {
  return fail(ErrorCode::internal, std::string("cannot make a JPEG: ") + tjGetErrorStr2(encoder));
}

// Even, at least 2, and no side above `most`.
void fit(int most, int& width, int& height) {
  const int longer = std::max(width, height);
  const auto scaled = [&](int side) {
    const auto exact = static_cast<int>(mul_div_round(side, std::min(most, longer), longer));
    return std::max(2, exact / 2 * 2);
  };
  const int w = scaled(width), h = scaled(height);
  width = w;
  height = h;
}

}  // namespace

Result<Jpeg> encode_jpeg(const Picture& picture, const JpegLimits& limits) {
  Jpeg jpeg;
  jpeg.width = picture.width;
  jpeg.height = picture.height;
  fit(limits.side, jpeg.width, jpeg.height);
  PictureBuffer small(jpeg.width, jpeg.height);
  const Planes to = small.planes();
  if (libyuv::I420Scale(picture.y, picture.y_stride, picture.u, picture.uv_stride, picture.v,
                        picture.uv_stride, picture.width, picture.height, to.y, to.y_stride, to.u,
                        to.uv_stride, to.v, to.uv_stride, to.width, to.height,
                        libyuv::kFilterBox) != 0) {
    return fail(ErrorCode::internal, "a picture cannot be scaled");
  }
  const int stride = jpeg.width * 4;
  Bytes pixels(static_cast<std::size_t>(stride) * static_cast<std::size_t>(jpeg.height));
  if (!convert_to_xrgb(small.view(), pixels.data(), stride))
    return fail(ErrorCode::internal, "a picture cannot be converted");

  const std::unique_ptr<void, Destroy> encoder(tjInitCompress());
  if (!encoder) return refused(nullptr);
  jpeg.bytes.resize(tjBufSize(jpeg.width, jpeg.height, TJSAMP_420));
  const std::size_t room = jpeg.bytes.size();
  for (const int quality : kQualities) {
    unsigned char* into = jpeg.bytes.data();
    unsigned long size = room;
    if (tjCompress2(encoder.get(), pixels.data(), jpeg.width, stride, jpeg.height, TJPF_BGRX, &into,
                    &size, TJSAMP_420, quality, TJFLAG_NOREALLOC) != 0) {
      return refused(encoder.get());
    }
    if (size > limits.bytes) continue;
    jpeg.bytes.resize(size);
    jpeg.quality = quality;
    return jpeg;
  }
  return fail(ErrorCode::exhausted,
              "no JPEG of this picture fits in " + std::to_string(limits.bytes) + " bytes");
}

}  // namespace vitrine
