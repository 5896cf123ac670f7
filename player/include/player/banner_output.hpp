// An output with a banner over whatever is shown: the screen's name and its QR code, for the one
// who stands before a row of screens and looks for this one. No play is cut for it. Without a
// banner pictures pass through untouched.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "player/output.hpp"

namespace vitrine {

inline constexpr Micros kBannerTime = 30 * kSecond;

class BannerOutput final : public Output {
 public:
  // Borrows both for its life.
  BannerOutput(const Clock& clock, Output& inner) : clock_(clock), inner_(inner) {}

  // Draws the banner, on the caller's thread, and shows it for kBannerTime from the next flip on.
  // Any thread.
  void raise(const std::string& name);

  int width() const override { return inner_.width(); }
  int height() const override { return inner_.height(); }
  Micros vblank_period() const override { return inner_.vblank_period(); }
  std::uint32_t display_bits() const override { return inner_.display_bits(); }
  Micros vblank_at_or_after(Micros at) const override { return inner_.vblank_at_or_after(at); }
  Result<Flip> flip(const Picture& picture, Micros target) override;
  Status power(bool on) override { return inner_.power(on); }
  void check_next() override { inner_.check_next(); }
  Result<std::optional<bool>> shows_what_was_handed() override {
    return inner_.shows_what_was_handed();
  }
  void open_anew() override { inner_.open_anew(); }

 private:
  const Clock& clock_;
  Output& inner_;
  std::atomic<bool> raised_{false};
  std::mutex mutex_;
  std::shared_ptr<const PictureBuffer> banner_;
  Micros until_ = 0;
  std::unique_ptr<PictureBuffer> under_;  // the picture with the banner; on the presenting thread
};

}  // namespace vitrine
