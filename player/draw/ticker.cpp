#include "ticker.hpp"

#include <libyuv.h>

#include <algorithm>

#include "overlay.hpp"
#include "text.hpp"

namespace vitrine {
namespace {

constexpr Color kTickerBackground{20, 26, 34}, kTickerText{255, 255, 255};
constexpr int kPiece = 2048;  // Cairo has no bitmap as long as a long text

int even_up(int value) {
  return (value + 1) / 2 * 2;
}

}  // namespace

std::shared_ptr<PictureBuffer> draw_ticker_strip(const std::string& text, int zone_width,
                                                 int zone_height) {
  const TextPainter painter;
  const TextStyle style{.size = std::max(1, zone_height * 6 / 10), .color = kTickerText};
  const TextBox box = painter.measure(text, style);
  if (box.width == 0 || zone_width == 0 || zone_height == 0) return nullptr;
  const int gap = std::max(zone_width / 4, zone_height);
  const int width = even_up(box.width + gap);
  auto strip = std::make_shared<PictureBuffer>(width, zone_height);
  for (int x = 0; x < width; x += kPiece) {
    Canvas piece(std::min(kPiece, width - x), zone_height);
    piece.fill(0, 0, piece.width(), piece.height(), kTickerBackground);
    painter.draw(piece, -x, (zone_height - box.height) / 2, text, style);
    paint(piece, strip->part(x, 0, piece.width(), piece.height()));
  }
  return strip;
}

int ticker_step(int zone_width, Micros vblank_period) {
  const std::int64_t wanted = zone_width * vblank_period / (12 * kSecond);
  return static_cast<int>(std::max<std::int64_t>(2, (wanted + 1) / 2 * 2));
}

std::int64_t TickerClock::advance(Micros at) {
  if (begun_ && at > last_) moved_ += (at - last_ + period_ / 2) / period_ * step_;
  if (!begun_ || at > last_) last_ = at;
  begun_ = true;
  return moved_;
}

void copy_strip(const Picture& strip, std::int64_t moved, const Planes& to) {
  int from = static_cast<int>(moved % strip.width);
  for (int x = 0; x < to.width;) {
    const int width = std::min(strip.width - from, to.width - x);
    libyuv::I420Copy(strip.y + from, strip.y_stride, strip.u + from / 2, strip.uv_stride,
                     strip.v + from / 2, strip.uv_stride, to.y + x, to.y_stride, to.u + x / 2,
                     to.uv_stride, to.v + x / 2, to.uv_stride, width, to.height);
    x += width;
    from = 0;
  }
}

}  // namespace vitrine
