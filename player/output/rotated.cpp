// An output whose display hangs turned: width and height change places for a quarter turn, and each
// picture is turned in YUV on its way.

#include <libyuv.h>

#include "player/output.hpp"

namespace vitrine {
namespace {

class RotatedOutput final : public Output {
 public:
  RotatedOutput(std::unique_ptr<Output> inner, int degrees)
      : inner_(std::move(inner)),
        degrees_(degrees),
        sideways_(degrees % 180 != 0),
        turned_(inner_->width(), inner_->height()) {}

  int width() const override { return sideways_ ? inner_->height() : inner_->width(); }
  int height() const override { return sideways_ ? inner_->width() : inner_->height(); }
  Micros vblank_period() const override { return inner_->vblank_period(); }
  std::uint32_t display_bits() const override { return inner_->display_bits(); }
  Micros vblank_at_or_after(Micros at) const override { return inner_->vblank_at_or_after(at); }
  Status power(bool on) override { return inner_->power(on); }
  void check_next() override { inner_->check_next(); }
  Result<std::optional<bool>> shows_what_was_handed() override {
    return inner_->shows_what_was_handed();
  }
  void open_anew() override { inner_->open_anew(); }

  Result<Flip> flip(const Picture& picture, Micros target) override {
    if (picture.width != width() || picture.height != height()) {
      return fail(ErrorCode::internal, "picture of " + std::to_string(picture.width) + "x" +
                                           std::to_string(picture.height) +
                                           " handed to an output of another size");
    }
    // Upright on a display turned clockwise is turned the other way on its own rows.
    const auto back = static_cast<libyuv::RotationMode>(360 - degrees_);
    const Planes to = turned_.planes();
    libyuv::I420Rotate(picture.y, picture.y_stride, picture.u, picture.uv_stride, picture.v,
                       picture.uv_stride, to.y, to.y_stride, to.u, to.uv_stride, to.v, to.uv_stride,
                       picture.width, picture.height, back);
    return inner_->flip(turned_.view(), target);
  }

 private:
  std::unique_ptr<Output> inner_;
  int degrees_;
  bool sideways_;
  PictureBuffer turned_;
};

}  // namespace

std::unique_ptr<Output> make_rotated_output(std::unique_ptr<Output> inner, int degrees) {
  if (degrees == 0) return inner;
  return std::make_unique<RotatedOutput>(std::move(inner), degrees);
}

}  // namespace vitrine
