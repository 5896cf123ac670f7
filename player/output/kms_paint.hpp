// A picture as what the display scans out: turned and scaled where its plane does neither, then
// copied once.
#pragma once

#include "kms_buffer.hpp"
#include "player/picture.hpp"

namespace vitrine {

class KmsPainter {
 public:
  // `rotation` degrees clockwise. False: the picture makes no sense.
  bool paint(const Picture& picture, int rotation, const Surface& to);

 private:
  std::unique_ptr<PictureBuffer> turned_, scaled_;  // kept from picture to picture
};

}  // namespace vitrine
