// Decoded frames to the output's NV12: turned, scaled and letterboxed in YUV (never in RGB: six
// times dearer). One thread; keeps its working memory from frame to frame.
#pragma once

#include "av_file.hpp"
#include "color.hpp"

namespace vitrine {

class Converter {
 public:
  // False when the frame's pixel format is not known here.
  bool convert(const DecodedFrame& from, PictureBuffer& to);

 private:
  Planes room(Bytes& memory, int width, int height);
  Bytes source_, turned_, scaled_;
};

}  // namespace vitrine
