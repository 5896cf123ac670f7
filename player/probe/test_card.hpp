// A picture to judge a display by: an edge of one pixel on all four sides, eight colours, greys
// from black to white, the numbers of the mode, and a frame counter with a bar that moves.
#pragma once

#include <string>

#include "player/picture.hpp"

namespace vitrine {

struct Patch {
  const char* name;
  std::uint8_t y, cb, cr;         // BT.709, limited range
  std::uint8_t red, green, blue;  // what it is on the glass
};
// White, yellow, cyan, green, magenta, red, blue, black, each at its full.
extern const Patch kPatches[8];

// `numbers`: digits, 'x', '.' and spaces, such as "1920x1080 60.00".
void draw_test_card(PictureBuffer& picture, const std::string& numbers, std::uint64_t frame);

}  // namespace vitrine
