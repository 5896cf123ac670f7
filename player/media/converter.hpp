// Decoded frames as pictures of the output's size: turned, scaled and letterboxed in YUV (never in
// RGB: six times dearer). What fits as it is stays in the decoder's memory. One thread; keeps its
// working memory from frame to frame.
#pragma once

#include "av_file.hpp"
#include "color.hpp"

namespace vitrine {

class Converter {
 public:
  // nullopt when the frame's pixel format is not known here.
  std::optional<Frame> convert(DecodedFrame from, PicturePool& pool);

 private:
  Planes room(Bytes& memory, int width, int height);
  void scale(Planes from, const Planes& to);
  Bytes source_, turned_, halved_[2];
};

}  // namespace vitrine
