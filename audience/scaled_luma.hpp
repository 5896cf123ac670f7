// The brightness of a frame at another size, each pixel the mean of what it covers.
#pragma once

#include "audience/frame_source.hpp"

namespace vitrine {

// `out` is resized to width * height, rows without padding.
void scale_luma(const Frame& frame, int width, int height, Bytes& out);

}  // namespace vitrine
