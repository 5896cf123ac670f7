#include "player/banner_output.hpp"

#include <libyuv.h>

#include <algorithm>

#include "overlay.hpp"
#include "qr.hpp"
#include "text.hpp"

namespace vitrine {
namespace {

constexpr Color kBannerBackground{16, 24, 32}, kBannerText{255, 255, 255};

// The whole width, a fifth of the height: the code on the left, the name beside it.
std::shared_ptr<const PictureBuffer> draw_banner(const std::string& name, int width, int height) {
  const int banner_height = std::max(2, std::min(height, std::max(height, width / 2) / 5) / 2 * 2);
  Canvas canvas(width, banner_height);
  canvas.fill(0, 0, width, banner_height, kBannerBackground);
  int x = banner_height / 8;
  if (const auto code = encode_qr(name)) {
    const int module = banner_height * 7 / 8 / code->whole();
    const int side = module * code->whole();
    if (module > 0) draw_qr(canvas, x, (banner_height - side) / 2, module, *code);
    x += side + banner_height / 8;
  }
  const TextPainter painter;
  const TextStyle style{.size = std::max(1, banner_height * 9 / 20),
                        .bold = true,
                        .color = kBannerText,
                        .max_width = std::max(1, width - x)};
  const TextBox box = painter.measure(name, style);
  painter.draw(canvas, x, (banner_height - box.height) / 2, name, style);
  auto picture = std::make_shared<PictureBuffer>(width, banner_height);
  paint(canvas, picture->planes());
  return picture;
}

}  // namespace

void BannerOutput::raise(const std::string& name) {
  auto banner = draw_banner(name, width(), height());
  const std::lock_guard lock(mutex_);
  banner_ = std::move(banner);
  until_ = clock_.boottime() + kBannerTime;
  raised_ = true;
}

Result<Flip> BannerOutput::flip(const Picture& picture, Micros target) {
  if (!raised_) return inner_.flip(picture, target);
  std::shared_ptr<const PictureBuffer> banner;
  {
    const std::lock_guard lock(mutex_);
    if (clock_.boottime() >= until_) {
      banner_.reset();
      raised_ = false;
    }
    banner = banner_;
  }
  if (!banner) {
    under_.reset();
    return inner_.flip(picture, target);
  }
  if (!under_) under_ = std::make_unique<PictureBuffer>(width(), height());
  copy_picture(picture, under_->planes());
  copy_picture(banner->view(), under_->part(0, 0, banner->width(), banner->height()));
  return inner_.flip(under_->view(), target);
}

}  // namespace vitrine
