// What was drawn, in the picture's own colours (BT.709 limited range, 4:2:0): converted once, laid
// over frames again and again. The only file that knows both canvas and picture.
#pragma once

#include "canvas.hpp"
#include "player/picture.hpp"

namespace vitrine {

// The whole picture, over black where the canvas is not opaque. Both have the same size.
void paint(const Canvas& canvas, PictureBuffer& picture);

}  // namespace vitrine
