// Pictures as JPEG, for people to look at. The only caller of an encoder of pictures.
#pragma once

#include "base/result.hpp"
#include "player/picture.hpp"

namespace vitrine {

struct JpegLimits {
  int side = 640;  // of the longer one; a smaller picture keeps its size
  std::size_t bytes = 200 * 1024;
};
struct Jpeg {
  Bytes bytes;
  int width = 0, height = 0, quality = 0;
};
// As good as the limits allow. Colours are JFIF's (BT.601, full range), as every viewer expects.
Result<Jpeg> encode_jpeg(const Picture& picture, const JpegLimits& limits);

}  // namespace vitrine
