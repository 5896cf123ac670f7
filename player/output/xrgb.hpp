// Pictures as the pixels of a display: 4 bytes each, blue first, the last unused.
#pragma once

#include <cstdint>

#include "player/output.hpp"

namespace vitrine {

// Every colour within 2 codes of BT.709. `to` has room for picture.height rows of `stride` bytes;
// each byte is written once and none is read. False: the picture makes no sense.
bool convert_to_xrgb(const Picture& picture, std::uint8_t* to, int stride);

}  // namespace vitrine
