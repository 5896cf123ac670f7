#include "xrgb.hpp"

#include <libyuv.h>
#include <libyuv/row.h>

#include <cstddef>
#include <iterator>

namespace vitrine {
namespace {

// What a step of Cb adds to blue, 2.112 in 64ths. libyuv states 128 (2.0), the most its first
// kernels could hold, and a full blue comes out 12 codes too dark; those in use today hold more.
constexpr int kBlueOfCb = 135;

struct Coding {
  // The kernels load it whole, in steps of 32 bytes.
  alignas(64) libyuv::YuvConstants constants = libyuv::kYuvH709Constants;

  Coding() {
#if defined(__arm__) || defined(__aarch64__)
    const int more = kBlueOfCb - constants.kUVCoeff[0];
    constants.kUVCoeff[0] = kBlueOfCb;
    constants.kRGBCoeffBias[1] = static_cast<std::int16_t>(constants.kRGBCoeffBias[1] + more * 128);
#else
    for (std::size_t i = 0; i < std::size(constants.kUVToB); i += 2) {
      constants.kUVToB[i] = kBlueOfCb;
    }
#endif
  }
};

}  // namespace

bool convert_to_xrgb(const Picture& picture, std::uint8_t* to, int stride) {
  static const Coding coding;
  return libyuv::I420ToARGBMatrix(picture.y, picture.y_stride, picture.u, picture.uv_stride,
                                  picture.v, picture.uv_stride, to, stride, &coding.constants,
                                  picture.width, picture.height) == 0;
}

}  // namespace vitrine
