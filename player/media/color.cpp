#include "color.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace vitrine {
namespace {

constexpr int kShift = 14;
constexpr int kHalf = 1 << (kShift - 1);

std::uint8_t clip(int value) {
  return static_cast<std::uint8_t>(std::clamp(value, 0, 255));
}
int fixed(double value) {
  return static_cast<int>(std::lround(value * (1 << kShift)));
}

struct Weights {
  double red = 0.2126, blue = 0.0722;  // BT.709
};
Weights weights_of(AVColorSpace matrix) {
  switch (matrix) {
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
      return {0.299, 0.114};
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL:
      return {0.2627, 0.0593};
    default:
      return {};
  }
}

// Y' = y*Y + u*U + v*V, U' = uu*U + uv*V, V' = vu*U + vv*V, on values with their offsets taken off.
struct Recoding {
  int y_offset = 0, y = 0, u = 0, v = 0, uu = 0, uv = 0, vu = 0, vv = 0;
};

Recoding recoding(const Coding& from) {
  const auto [kr, kb] = weights_of(from.matrix);
  const double kg = 1 - kr - kb;
  const Weights out;
  const double out_green = 1 - out.red - out.blue;
  const double y_in = from.full_range ? 1 / 255.0 : 1 / 219.0;
  const double c_in = from.full_range ? 1 / 255.0 : 1 / 224.0;
  // RGB of one unit of U and of V; a unit of Y is grey.
  const double red_v = 2 * (1 - kr) * c_in;
  const double blue_u = 2 * (1 - kb) * c_in;
  const double green_u = -2 * (1 - kb) * kb / kg * c_in;
  const double green_v = -2 * (1 - kr) * kr / kg * c_in;
  const double luma_u = out_green * green_u + out.blue * blue_u;
  const double luma_v = out.red * red_v + out_green * green_v;
  Recoding to;
  to.y_offset = from.full_range ? 0 : 16;
  to.y = fixed(219 * y_in);
  to.u = fixed(219 * luma_u);
  to.v = fixed(219 * luma_v);
  to.uu = fixed(224 * (blue_u - luma_u) / (2 * (1 - out.blue)));
  to.uv = fixed(224 * (0 - luma_v) / (2 * (1 - out.blue)));
  to.vu = fixed(224 * (0 - luma_u) / (2 * (1 - out.red)));
  to.vv = fixed(224 * (red_v - luma_v) / (2 * (1 - out.red)));
  return to;
}

struct Rgb {
  int red, green, blue;
};

// Reads one pixel of the layouts PNG, WebP and JPEG decode to; blends alpha over black.
class PixelReader {
 public:
  explicit PixelReader(const AVFrame& frame) : frame_(frame) {}
  static bool knows(int format) {
    switch (format) {
      case AV_PIX_FMT_RGB24:
      case AV_PIX_FMT_RGBA:
      case AV_PIX_FMT_ARGB:
      case AV_PIX_FMT_RGB48BE:
      case AV_PIX_FMT_RGBA64BE:
      case AV_PIX_FMT_GRAY8:
      case AV_PIX_FMT_GRAY16BE:
      case AV_PIX_FMT_YA8:
      case AV_PIX_FMT_YA16BE:
      case AV_PIX_FMT_PAL8:
      case AV_PIX_FMT_MONOBLACK:
      case AV_PIX_FMT_GBRP:
        return true;
      default:
        return false;
    }
  }
  Rgb at(int x, int y) const {
    const std::uint8_t* row = frame_.data[0] + static_cast<std::ptrdiff_t>(frame_.linesize[0]) * y;
    switch (frame_.format) {
      case AV_PIX_FMT_RGB24:
        return {row[3 * x], row[3 * x + 1], row[3 * x + 2]};
      case AV_PIX_FMT_RGBA:
        return blend({row[4 * x], row[4 * x + 1], row[4 * x + 2]}, row[4 * x + 3]);
      case AV_PIX_FMT_ARGB:
        return blend({row[4 * x + 1], row[4 * x + 2], row[4 * x + 3]}, row[4 * x]);
      case AV_PIX_FMT_RGB48BE:
        return {row[6 * x], row[6 * x + 2], row[6 * x + 4]};
      case AV_PIX_FMT_RGBA64BE:
        return blend({row[8 * x], row[8 * x + 2], row[8 * x + 4]}, row[8 * x + 6]);
      case AV_PIX_FMT_GRAY16BE:
        return grey(row[2 * x]);
      case AV_PIX_FMT_YA8:
        return blend(grey(row[2 * x]), row[2 * x + 1]);
      case AV_PIX_FMT_YA16BE:
        return blend(grey(row[4 * x]), row[4 * x + 2]);
      case AV_PIX_FMT_PAL8: {
        const std::uint32_t entry = reinterpret_cast<const std::uint32_t*>(frame_.data[1])[row[x]];
        return blend({static_cast<int>(entry >> 16 & 255), static_cast<int>(entry >> 8 & 255),
                      static_cast<int>(entry & 255)},
                     static_cast<int>(entry >> 24));
      }
      case AV_PIX_FMT_MONOBLACK:
        return grey((row[x / 8] >> (7 - x % 8) & 1) * 255);
      case AV_PIX_FMT_GBRP:
        return {plane(2, x, y), plane(1, x, y), plane(0, x, y)};
      default:
        return grey(row[x]);
    }
  }

 private:
  static Rgb grey(int value) { return {value, value, value}; }
  static Rgb blend(Rgb colour, int alpha) {
    if (alpha == 255) return colour;
    return {colour.red * alpha / 255, colour.green * alpha / 255, colour.blue * alpha / 255};
  }
  int plane(int index, int x, int y) const {
    // GBRP keeps green, blue, red in planes 0, 1, 2.
    constexpr int kPlane[] = {1, 0, 2};
    const int at = kPlane[index];
    return frame_.data[at][static_cast<std::ptrdiff_t>(frame_.linesize[at]) * y + x];
  }
  const AVFrame& frame_;
};

}  // namespace

Coding coding_of(const AVFrame& frame) {
  Coding coding;
  const bool jpeg_layout = frame.format == AV_PIX_FMT_YUVJ420P ||
                           frame.format == AV_PIX_FMT_YUVJ422P ||
                           frame.format == AV_PIX_FMT_YUVJ444P;
  coding.full_range = jpeg_layout || frame.color_range == AVCOL_RANGE_JPEG;
  coding.matrix = frame.colorspace;
  if (coding.matrix == AVCOL_SPC_UNSPECIFIED || coding.matrix == AVCOL_SPC_RGB ||
      coding.matrix == AVCOL_SPC_RESERVED) {
    const bool small =
        std::max(frame.width, frame.height) < 1280 && std::min(frame.width, frame.height) <= 576;
    coding.matrix = jpeg_layout || small ? AVCOL_SPC_SMPTE170M : AVCOL_SPC_BT709;
  }
  return coding;
}

void recode(const Planes& planes, const Coding& from) {
  const Recoding to = recoding(from);
  for (int row = 0; row < (planes.height + 1) / 2; ++row) {
    std::uint8_t* u_row = planes.u + static_cast<std::ptrdiff_t>(planes.uv_stride) * row;
    std::uint8_t* v_row = planes.v + static_cast<std::ptrdiff_t>(planes.uv_stride) * row;
    for (int column = 0; column < (planes.width + 1) / 2; ++column) {
      const int u = u_row[column] - 128;
      const int v = v_row[column] - 128;
      const int shade = to.u * u + to.v * v + (16 << kShift) + kHalf - to.y * to.y_offset;
      for (int y = 2 * row; y < std::min(2 * row + 2, planes.height); ++y) {
        std::uint8_t* luma = planes.y + static_cast<std::ptrdiff_t>(planes.y_stride) * y;
        for (int x = 2 * column; x < std::min(2 * column + 2, planes.width); ++x) {
          luma[x] = clip((to.y * luma[x] + shade) >> kShift);
        }
      }
      u_row[column] = clip((to.uu * u + to.uv * v + (128 << kShift) + kHalf) >> kShift);
      v_row[column] = clip((to.vu * u + to.vv * v + (128 << kShift) + kHalf) >> kShift);
    }
  }
}

void blend_over_black(const Planes& planes, const std::uint8_t* alpha, int alpha_stride) {
  for (int row = 0; row < planes.height; ++row) {
    std::uint8_t* luma = planes.y + static_cast<std::ptrdiff_t>(planes.y_stride) * row;
    const std::uint8_t* opaque = alpha + static_cast<std::ptrdiff_t>(alpha_stride) * row;
    for (int x = 0; x < planes.width; ++x) luma[x] = clip(16 + (luma[x] - 16) * opaque[x] / 255);
  }
  for (int row = 0; row < (planes.height + 1) / 2; ++row) {
    const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(planes.uv_stride) * row;
    const std::uint8_t* opaque = alpha + static_cast<std::ptrdiff_t>(alpha_stride) * 2 * row;
    for (int x = 0; x < (planes.width + 1) / 2; ++x) {
      for (std::uint8_t* chroma : {planes.u + at + x, planes.v + at + x}) {
        *chroma = clip(128 + (*chroma - 128) * opaque[2 * x] / 255);
      }
    }
  }
}

bool is_rgb_or_gray(const AVFrame& frame) {
  return PixelReader::knows(frame.format);
}

bool rgb_to_planes(const AVFrame& frame, const Planes& out) {
  if (!PixelReader::knows(frame.format)) return false;
  const PixelReader pixels(frame);
  const Weights w;
  const int red = fixed(w.red * 219 / 255), blue = fixed(w.blue * 219 / 255);
  const int green = fixed((1 - w.red - w.blue) * 219 / 255);
  const double u_scale = 224 / 255.0 / (2 * (1 - w.blue));
  const double v_scale = 224 / 255.0 / (2 * (1 - w.red));
  const int u_red = fixed(-w.red * u_scale), u_green = fixed(-(1 - w.red - w.blue) * u_scale);
  const int v_blue = fixed(-w.blue * v_scale), v_green = fixed(-(1 - w.red - w.blue) * v_scale);
  const int u_blue = -u_red - u_green, v_red = -v_blue - v_green;  // grey has exactly no colour
  for (int row = 0; row < (out.height + 1) / 2; ++row) {
    for (int column = 0; column < (out.width + 1) / 2; ++column) {
      Rgb sum{0, 0, 0};
      int count = 0;
      for (int y = 2 * row; y < std::min(2 * row + 2, out.height); ++y) {
        for (int x = 2 * column; x < std::min(2 * column + 2, out.width); ++x) {
          const Rgb pixel = pixels.at(x, y);
          const int luma = red * pixel.red + green * pixel.green + blue * pixel.blue;
          out.y[static_cast<std::ptrdiff_t>(out.y_stride) * y + x] =
              clip((luma + (16 << kShift) + kHalf) >> kShift);
          sum = {sum.red + pixel.red, sum.green + pixel.green, sum.blue + pixel.blue};
          ++count;
        }
      }
      const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(out.uv_stride) * row + column;
      const int u = (u_red * sum.red + u_green * sum.green + u_blue * sum.blue) / count;
      const int v = (v_red * sum.red + v_green * sum.green + v_blue * sum.blue) / count;
      out.u[at] = clip((u + (128 << kShift) + kHalf) >> kShift);
      out.v[at] = clip((v + (128 << kShift) + kHalf) >> kShift);
    }
  }
  return true;
}

}  // namespace vitrine
