// What was drawn, in the picture's own colours (BT.709 limited range, 4:2:0): converted once, laid
// over frames again and again. The only file that knows both canvas and picture.
#pragma once

#include "canvas.hpp"
#include "player/picture.hpp"

namespace vitrine {

// From the upper left corner on, as far as both reach; over black where the canvas is not opaque.
// Even sizes.
void paint(const Canvas& canvas, const Planes& to);

}  // namespace vitrine
