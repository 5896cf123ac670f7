// A picture that FFmpeg has decoded, of any pixel format that lies in memory, as a frame.
#pragma once

#include "audience/frame_source.hpp"

struct AVFrame;

namespace vitrine {

// Fills size, planes and range of `out`, and leaves its time alone. The format must be one that
// libavutil can describe.
void copy_picture(const AVFrame& picture, Frame& out);

}  // namespace vitrine
