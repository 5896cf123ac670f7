// The picture a technician sees: what the camera sees, with line, zone and boxes drawn over it. The
// only caller of Cairo on this side of the house, and the only writer of pictures: no part of
// vitrine-audience.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "audience/detector.hpp"
#include "audience/line.hpp"
#include "audience/zone.hpp"
#include "platform/file.hpp"

namespace vitrine::setup {

struct Canvas {
  int width = 0, height = 0;          // pixels
  std::vector<std::uint32_t> pixels;  // 0x00RRGGBB, rows without padding
};

// `luma`: width * height bytes, 0 black .. 255 white.
Canvas grey_canvas(int width, int height, ByteView luma);

// The line with an arrow to the side that counts as in.
void draw_line(Canvas& canvas, const Line& line);
void draw_zone(Canvas& canvas, const ExposureZone& zone);        // the whole frame = nothing
void draw_boxes(Canvas& canvas, const std::vector<Box>& boxes);  // in pixels of the frame

// For the technician's eyes alone: mode 0600, replaced whole.
Status write_png(const Canvas& canvas, const fs::path& path);

}  // namespace vitrine::setup
