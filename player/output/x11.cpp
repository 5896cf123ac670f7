// The output in a window of an X server, at vblanks of its own count.

#include <algorithm>
#include <cstdlib>

#include "platform/log.hpp"
#include "player/output.hpp"
#include "protocol/play.hpp"
#include "vblank.hpp"
#include "x11_window.hpp"

namespace vitrine {
namespace {

using x11::unavailable;
using x11::Window;

constexpr Micros kTakenWithin = 1 * kSecond;  // a server that takes longer for a picture hangs

class X11Output final : public Output {
 public:
  X11Output(const Clock& clock, X11Options options, std::unique_ptr<Window> window)
      : clock_(clock),
        options_(std::move(options)),
        width_(window->place().width / 2 * 2),
        height_(window->place().height / 2 * 2),
        refresh_(window->place().refresh),
        grid_(0, refresh_),
        window_(std::move(window)) {}

  // Even, because pictures are; the last column or row of an odd display stays black.
  int width() const override { return width_; }
  int height() const override { return height_; }
  Micros vblank_period() const override { return refresh_.period(); }
  Micros vblank_at_or_after(Micros at) const override { return grid_.at_or_after(at); }

  std::uint32_t display_bits() const override {
    if (!on_) return kDisplayKnownDark;
    if (!window_) return 0;
    return (window_->place().connected ? kDisplayConnected : 0) |
           (window_->place().on ? kDisplayCrtcOn : 0);
  }

  Result<Flip> flip(const Picture& picture, Micros target) override {
    if (picture.width != width_ || picture.height != height_) {
      return fail(ErrorCode::internal, "picture of " + std::to_string(picture.width) + "x" +
                                           std::to_string(picture.height) +
                                           " handed to an output of another size");
    }
    if (!on_) return fail(ErrorCode::internal, "a picture handed to a panel that is off");
    if (!window_) {
      auto opened = Window::open(options_);
      if (!opened) return std::move(opened).error().context(options_.display);
      window_ = std::move(*opened);
    }
    auto flip = turn(picture, target);
    if (flip) return flip;
    if (window_->lost()) window_.reset();
    return std::move(flip).error().context(options_.display);
  }

  // By DPMS where the server has it; behind that, or instead of it, the window is black.
  Status power(bool on) override {
    if (on == on_) return ok();
    if (!window_ && !on) return unavailable("no window is open");
    if (!on) {
      if (auto free = window_->arrived(clock_, clock_.boottime() + kTakenWithin); !free)
        return free;
      window_->blacken();
      window_->put();
      if (auto taken = window_->arrived(clock_, clock_.boottime() + kTakenWithin); !taken)
        return taken;
    }
    if (window_) window_->power(on);  // a new one wakes the display by itself
    on_ = on;
    return ok();
  }

  Result<std::optional<bool>> shows_what_was_handed() override {
    if (!window_) return std::optional<bool>();
    auto seen = window_->is_seen();
    if (!seen) return std::move(seen).error().context(options_.display);
    return std::optional<bool>(*seen);
  }
  void open_anew() override { window_.reset(); }

 private:
  Result<Flip> turn(const Picture& picture, Micros target) {
    // The one before, where its flip was given up: the server may still read the image.
    const Micros now = clock_.boottime();
    if (auto free = window_->arrived(clock_, now + kTakenWithin); !free) {
      return std::move(free).error();
    }
    if (!window_->draw(picture)) return fail(ErrorCode::internal, "a picture cannot be drawn");
    const Micros vblank = grid_.at_or_after(std::max({target, clock_.boottime(), last_at_ + 1}));
    while (clock_.boottime() < vblank) clock_.sleep_until(vblank);
    window_->put();
    if (auto taken = window_->arrived(clock_, vblank + kTakenWithin); !taken) {
      return std::move(taken).error();
    }
    // By the framebuffer of an Xvfb this is the moment to go by: the answer comes within 0.1 ms
    // (median) of the picture, the vblank aimed at is 4 ms before it on busy cores. But items are
    // anchored at what is told here, and between two vblanks each would last up to one longer.
    last_at_ = grid_.at_or_before(clock_.boottime());
    return Flip{last_at_, ++sequence_};
  }

  const Clock& clock_;
  X11Options options_;
  int width_, height_;
  Refresh refresh_;
  VblankGrid grid_;  // from the boot on
  std::unique_ptr<Window> window_;
  Micros last_at_ = 0;
  std::uint64_t sequence_ = 0;
  bool on_ = true;
};

}  // namespace

Result<std::unique_ptr<Output>> make_x11_output(const Clock& clock, const X11Options& options) {
  const char* named = std::getenv("DISPLAY");
  X11Options wanted = options;
  if (wanted.display.empty() && named != nullptr) wanted.display = named;
  auto window = Window::open(wanted);
  if (!window) {
    return std::move(window).error().context(
        "cannot show on " + (wanted.display.empty() ? std::string("X") : wanted.display));
  }
  // A server that comes back with another display gets pictures of the size they are made in.
  wanted.width = (*window)->place().width;
  wanted.height = (*window)->place().height;
  auto output = std::make_unique<X11Output>(clock, wanted, std::move(*window));
  log_info("shows on {}: {}x{}, a vblank every {} us by our own count", wanted.display,
           output->width(), output->height(), output->vblank_period());
  return std::unique_ptr<Output>(std::move(output));
}

}  // namespace vitrine
