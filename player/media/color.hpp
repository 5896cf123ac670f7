// From whatever matrix and range a source has to BT.709 limited range, in integers.
#pragma once

#include <cstdint>

#include "av_file.hpp"

namespace vitrine {

// What the frame's own numbers mean. Unspecified: JPEG and small pictures are BT.601, the rest
// BT.709.
struct Coding {
  bool full_range = false;
  AVColorSpace matrix = AVCOL_SPC_BT709;
  bool is_output() const { return !full_range && matrix == AVCOL_SPC_BT709; }
};
Coding coding_of(const AVFrame& frame);

// In place.
void recode(const Planes& planes, const Coding& from);

// In place, limited range. `alpha` has a byte a luma pixel.
void blend_over_black(const Planes& planes, const std::uint8_t* alpha, int alpha_stride);

bool is_rgb_or_gray(const AVFrame& frame);
// RGB, palette and grey stills, alpha blended over black. False for a layout not known here.
bool rgb_to_planes(const AVFrame& frame, const Planes& out);

}  // namespace vitrine
