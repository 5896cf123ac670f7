#include "picture.hpp"

#include <algorithm>

extern "C" {
#include <libavutil/frame.h>
#include <libavutil/pixdesc.h>
}

namespace vitrine {
namespace {

using Row = std::vector<std::uint16_t>;

// Whether the component is a plane of its own, one byte a pixel.
bool is_plane(const AVPixFmtDescriptor& format, int component) {
  const auto refused = AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM |
                       AV_PIX_FMT_FLAG_HWACCEL;
  const AVComponentDescriptor& described = format.comp[component];
  return (format.flags & refused) == 0 && described.plane == component && described.depth == 8 &&
         described.step == 1 && described.offset == 0;
}

// One row of one component, brought to 8 bits.
void read_row(const AVFrame& picture, const AVPixFmtDescriptor& format, int row, int component,
              Row& out) {
  const std::uint8_t* planes[4] = {picture.data[0], picture.data[1], picture.data[2],
                                   picture.data[3]};
  const bool palette = (format.flags & AV_PIX_FMT_FLAG_PAL) != 0;
  av_read_image_line2(out.data(), planes, picture.linesize, &format, 0, row, component,
                      static_cast<int>(out.size()), palette ? 1 : 0, sizeof(out[0]));
  if (palette) return;
  const int surplus = format.comp[component].depth - 8;
  for (auto& value : out) {
    value = static_cast<std::uint16_t>(surplus >= 0 ? value >> surplus : value << -surplus);
  }
}

// One component at its own size, of which every (1 << skip_x)th column and (1 << skip_y)th row is
// kept.
void copy_component(const AVFrame& picture, const AVPixFmtDescriptor& format, int component,
                    int width, int height, int skip_x, int skip_y, Bytes& out) {
  const auto kept = static_cast<std::size_t>((width + (1 << skip_x) - 1) >> skip_x);
  out.resize(kept * static_cast<std::size_t>((height + (1 << skip_y) - 1) >> skip_y));
  std::uint8_t* to = out.data();
  const bool plane = is_plane(format, component);
  Row line(plane ? 0 : static_cast<std::size_t>(width));
  for (int row = 0; row < height; row += 1 << skip_y, to += kept) {
    if (!plane) {
      read_row(picture, format, row, component, line);
      for (std::size_t i = 0; i < kept; ++i) to[i] = static_cast<std::uint8_t>(line[i << skip_x]);
      continue;
    }
    const std::uint8_t* from =
        picture.data[component] + static_cast<std::ptrdiff_t>(row) * picture.linesize[component];
    if (skip_x == 0) {
      std::copy_n(from, kept, to);
    } else {
      for (std::size_t i = 0; i < kept; ++i) to[i] = from[i << skip_x];
    }
  }
}

// BT.601, full range, in 1/256; chroma is that of the upper left of four pixels.
void copy_colours(const AVFrame& picture, const AVPixFmtDescriptor& format, Frame& out) {
  const auto width = static_cast<std::size_t>(out.width);
  out.luma.resize(width * static_cast<std::size_t>(out.height));
  const auto chroma_width = static_cast<std::size_t>(out.chroma_width());
  out.cb.resize(chroma_width * static_cast<std::size_t>(out.chroma_height()));
  out.cr.resize(out.cb.size());
  Row red(width), green(width), blue(width);
  for (int row = 0; row < out.height; ++row) {
    read_row(picture, format, row, 0, red);
    read_row(picture, format, row, 1, green);
    read_row(picture, format, row, 2, blue);
    std::uint8_t* luma = out.luma.data() + width * static_cast<std::size_t>(row);
    for (std::size_t i = 0; i < width; ++i) {
      luma[i] = static_cast<std::uint8_t>((red[i] * 77 + green[i] * 150 + blue[i] * 29) >> 8);
    }
    if (row % 2 != 0) continue;
    const std::size_t at = chroma_width * static_cast<std::size_t>(row / 2);
    for (std::size_t i = 0; i < chroma_width; ++i) {
      const int r = red[2 * i], g = green[2 * i], b = blue[2 * i];
      const auto chroma = [](int value) {
        return static_cast<std::uint8_t>(std::clamp(128 + value / 256, 0, 255));
      };
      out.cb[at + i] = chroma(-43 * r - 85 * g + 128 * b);
      out.cr[at + i] = chroma(128 * r - 107 * g - 21 * b);
    }
  }
}

}  // namespace

void copy_picture(const AVFrame& picture, Frame& out) {
  const AVPixFmtDescriptor& format =
      *av_pix_fmt_desc_get(static_cast<AVPixelFormat>(picture.format));
  out.width = picture.width;
  out.height = picture.height;
  const bool colours = (format.flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)) != 0;
  out.full_range = colours || picture.color_range == AVCOL_RANGE_JPEG ||
                   picture.format == AV_PIX_FMT_YUVJ420P || picture.format == AV_PIX_FMT_YUVJ422P ||
                   picture.format == AV_PIX_FMT_YUVJ444P;
  if (colours) return copy_colours(picture, format, out);
  copy_component(picture, format, 0, out.width, out.height, 0, 0, out.luma);
  // Grey, or chroma that is coarser than 4:2:0: what little colour there is does without.
  const int down_x = format.log2_chroma_w, down_y = format.log2_chroma_h;
  if (format.nb_components < 3 || down_x > 1 || down_y > 1) {
    out.cb.clear();
    out.cr.clear();
    return;
  }
  const int width = (out.width + (1 << down_x) - 1) >> down_x;
  const int height = (out.height + (1 << down_y) - 1) >> down_y;
  copy_component(picture, format, 1, width, height, 1 - down_x, 1 - down_y, out.cb);
  copy_component(picture, format, 2, width, height, 1 - down_x, 1 - down_y, out.cr);
}

}  // namespace vitrine
