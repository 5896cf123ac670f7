#include "player/stage.hpp"

#include <libyuv.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>

#include "overlay.hpp"
#include "platform/log.hpp"
#include "qr.hpp"
#include "ticker.hpp"

namespace vitrine {
namespace {

constexpr int kLeastModule = 2;  // pixels; a camera does not tell smaller ones apart

int even(std::int64_t value) {
  return static_cast<int>(value / 2 * 2);
}

// A picture of the code with its quiet zone; null: it cannot be drawn.
std::shared_ptr<PictureBuffer> draw_code(const std::string& code, int side) {
  const auto matrix = encode_qr(code);
  if (!matrix) {
    log_warn("a QR code is left out: {}", matrix.error().message);
    return nullptr;
  }
  const int module = std::max(kLeastModule, side / matrix->whole());
  const int whole = (matrix->whole() * module + 1) / 2 * 2;
  Canvas canvas(whole, whole);
  canvas.fill(0, 0, whole, whole, {255, 255, 255});
  draw_qr(canvas, 0, 0, module, *matrix);
  auto picture = std::make_shared<PictureBuffer>(whole, whole);
  paint(canvas, picture->planes());
  return picture;
}

// In a corner of the main zone, a little away from its edges.
PixelZone place_of_code(QrPlace place, const PixelZone& main, int side, int margin) {
  PixelZone zone{main.x + margin, main.y + margin, side, side};
  if (place == QrPlace::bottom_right || place == QrPlace::top_right)
    zone.x = main.x + main.width - margin - side;
  if (place == QrPlace::bottom_right || place == QrPlace::bottom_left)
    zone.y = main.y + main.height - margin - side;
  return zone;
}

bool inside(const PixelZone& zone, int width, int height) {
  return zone.x >= 0 && zone.y >= 0 && zone.x + zone.width <= width &&
         zone.y + zone.height <= height;
}

}  // namespace

PixelZone pixels_of(const Zone& zone, int width, int height) {
  const int left = even(std::int64_t{zone.x} * width / 1000);
  const int top = even(std::int64_t{zone.y} * height / 1000);
  const int right = even((std::int64_t{zone.x} + zone.width) * width / 1000);
  const int bottom = even((std::int64_t{zone.y} + zone.height) * height / 1000);
  return {left, top, right - left, bottom - top};
}

// What all scenes share.
class Stage::Room {
 public:
  explicit Room(Setup setup) : setup_(std::move(setup)) {}
  const Setup& setup() const { return setup_; }

  // --- on the items' threads; each keeps the newest, which is nearly always the one asked for ---

  std::shared_ptr<PicturePool> pool(int width, int height) {
    const std::lock_guard lock(pool_mutex_);
    if (!pool_ || pool_->width() != width || pool_->height() != height)
      pool_ = std::make_shared<PicturePool>(width, height);
    return pool_;
  }
  std::shared_ptr<const PictureBuffer> strip(const std::string& text, const PixelZone& zone) {
    const std::lock_guard lock(mutex_);
    if (!strip_ || strip_text_ != text || strip_zone_ != zone) {
      strip_ = draw_ticker_strip(text, zone.width, zone.height);
      strip_text_ = text;
      strip_zone_ = zone;
    }
    return strip_;
  }
  Frame corner(const SceneWish& wish, const PixelZone& zone) {
    const std::lock_guard lock(mutex_);
    if (corner_file_ != wish.corner_file || corner_zone_ != zone || !corner_.owner) {
      const bool tried = corner_file_ == wish.corner_file && corner_zone_ == zone;
      corner_file_ = wish.corner_file;
      corner_zone_ = zone;
      corner_ = {};
      auto read = read_corner(wish, zone);
      if (read) {
        corner_ = std::move(*read);
      } else if (!tried) {
        log_warn("the corner stays black: {}", read.error().message);
      }
    }
    return corner_;
  }

  // --- on the presenting thread ---

  PictureBuffer& composed() {
    if (!composed_) composed_.emplace(setup_.width, setup_.height);
    return *composed_;
  }
  // How far the strip has come at the vblank; another strip begins anew.
  std::int64_t ticker_at(const std::shared_ptr<const PictureBuffer>& strip, int step, Micros at) {
    if (running_ != strip) {
      running_ = strip;
      ticker_.emplace(setup_.vblank_period, step);
    }
    return ticker_->advance(at);
  }
  std::uint64_t new_number() { return ++scenes_; }
  std::uint64_t composing = 0;  // number of the scene whose picture composed() holds

 private:
  Result<Frame> read_corner(const SceneWish& wish, const PixelZone& zone) const {
    auto source = setup_.open(wish.corner_file, {1, nullptr, wish.corner_blocks});
    if (!source) return std::move(source).error();
    PicturePool pool(zone.width, zone.height);
    auto frame = (*source)->read(pool);
    if (!frame) return std::move(frame).error();
    if (!*frame) return fail(ErrorCode::invalid, "it holds no picture");
    return std::move(**frame);
  }

  Setup setup_;
  std::mutex pool_mutex_;  // of its own: the presenting thread does not wait for drawing
  std::shared_ptr<PicturePool> pool_;
  std::mutex mutex_;
  std::shared_ptr<const PictureBuffer> strip_;
  std::string strip_text_;
  PixelZone strip_zone_;
  Frame corner_;
  fs::path corner_file_;
  PixelZone corner_zone_;

  std::atomic<std::uint64_t> scenes_{0};
  std::optional<PictureBuffer> composed_;
  std::shared_ptr<const PictureBuffer> running_;
  std::optional<TickerClock> ticker_;
};

class Stage::OneScene final : public Scene {
 public:
  OneScene(std::shared_ptr<Room> room, const SceneWish& wish)
      : room_(std::move(room)), number_(room_->new_number()), wish_(wish) {
    const int width = room_->setup().width, height = room_->setup().height;
    main_ = pixels_of(wish.layout.main, width, height);
    if (main_.empty()) main_ = {0, 0, width, height};
    if (!wish.layout.ticker_text.empty()) ticker_ = pixels_of(wish.layout.ticker, width, height);
    if (!wish.corner_file.empty()) corner_ = pixels_of(wish.layout.corner, width, height);
    pool_ = room_->pool(main_.width, main_.height);
    step_ = ticker_step(ticker_.width, room_->setup().vblank_period);
  }

  void prepare() override {
    const int width = room_->setup().width, height = room_->setup().height;
    if (!ticker_.empty()) strip_ = room_->strip(wish_.layout.ticker_text, ticker_);
    if (!corner_.empty()) corner_picture_ = room_->corner(wish_, corner_);
    if (wish_.code.empty()) return;
    const int shorter = std::min(width, height);
    code_picture_ = draw_code(wish_.code, shorter * static_cast<int>(wish_.code_permille) / 1000);
    if (!code_picture_) return;
    code_ = place_of_code(wish_.code_place, main_, code_picture_->width(), even(shorter / 30));
    if (inside(code_, width, height)) return;
    log_warn("a QR code of {} pixels is left out: the main zone has no room for it", code_.width);
    code_picture_.reset();
  }
  PicturePool& pool() override { return *pool_; }
  bool moves() const override { return strip_ != nullptr; }

  Picture compose(const Picture& frame, bool fresh, Micros at) override {
    PictureBuffer& to = room_->composed();
    if (room_->composing != number_) {
      room_->composing = number_;
      fresh = true;
      if (main_.width != to.width() || main_.height != to.height())
        to.fill(0, 0, to.width(), to.height(), 16, 128, 128);
    }
    if (fresh) copy_picture(frame, part(to, main_));
    if (strip_) copy_strip(strip_->view(), room_->ticker_at(strip_, step_, at), part(to, ticker_));
    if (corner_picture_.owner) copy_picture(corner_picture_.picture, part(to, corner_));
    if (code_picture_) copy_picture(code_picture_->view(), part(to, code_));
    return to.view();
  }

 private:
  static Planes part(PictureBuffer& of, const PixelZone& zone) {
    return of.part(zone.x, zone.y, zone.width, zone.height);
  }

  std::shared_ptr<Room> room_;
  std::uint64_t number_;
  SceneWish wish_;
  PixelZone main_, ticker_, corner_, code_;
  std::shared_ptr<PicturePool> pool_;
  int step_ = 2;
  // Of prepare(); read once the item is primed.
  std::shared_ptr<const PictureBuffer> strip_, code_picture_;
  Frame corner_picture_;
};

Stage::Stage(Setup setup) : room_(std::make_shared<Room>(std::move(setup))) {}
Stage::~Stage() = default;

std::shared_ptr<Scene> Stage::scene(const SceneWish& wish) const {
  const int width = room_->setup().width, height = room_->setup().height;
  const Layout& layout = wish.layout;
  const PixelZone main = pixels_of(layout.main, width, height);
  const bool whole = main.empty() || (main.width == width && main.height == height);
  const bool ticker =
      !layout.ticker_text.empty() && !pixels_of(layout.ticker, width, height).empty();
  const bool corner = !wish.corner_file.empty() && !pixels_of(layout.corner, width, height).empty();
  if (whole && !ticker && !corner && wish.code.empty()) return nullptr;
  return std::make_shared<OneScene>(room_, wish);
}

}  // namespace vitrine
