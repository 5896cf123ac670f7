// A picture is upright on a display that hangs turned.
#include <doctest/doctest.h>

#include <vector>

#include "player/output.hpp"
#include "protocol/play.hpp"

using namespace vitrine;

namespace {

// The display's own rows, as they come.
struct Panel final : Output {
  int width() const override { return 64; }
  int height() const override { return 36; }
  Micros vblank_period() const override { return 16'666; }
  std::uint32_t display_bits() const override { return on ? kDisplayConnected : kDisplayKnownDark; }
  Micros vblank_at_or_after(Micros at) const override { return at + 5; }
  Result<Flip> flip(const Picture& picture, Micros target) override {
    REQUIRE(picture.width == 64);
    REQUIRE(picture.height == 36);
    for (int y = 0; y < 36; ++y) {
      for (int x = 0; x < 64; ++x) luma[y][x] = picture.y[y * picture.y_stride + x];
    }
    for (int y = 0; y < 18; ++y) {
      for (int x = 0; x < 32; ++x) {
        cb[y][x] = picture.u[y * picture.uv_stride + x];
        cr[y][x] = picture.v[y * picture.uv_stride + x];
      }
    }
    return Flip{target, 7};
  }
  Status power(bool lit) override {
    on = lit;
    return ok();
  }
  std::uint8_t luma[36][64] = {}, cb[18][32] = {}, cr[18][32] = {};
  bool on = true;
};

// Every pixel of its own: where it stands can be told from what it is.
PictureBuffer pattern(int width, int height) {
  PictureBuffer picture(width, height);
  const Planes to = picture.planes();
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      to.y[y * to.y_stride + x] = static_cast<std::uint8_t>(x * 3 + y * 7);
      if (x % 2 != 0 || y % 2 != 0) continue;
      to.u[y / 2 * to.uv_stride + x / 2] = static_cast<std::uint8_t>(x * 5 + y);
      to.v[y / 2 * to.uv_stride + x / 2] = static_cast<std::uint8_t>(x + y * 5);
    }
  }
  return picture;
}

}  // namespace

TEST_CASE("each pixel comes where a display turned clockwise shows it upright") {
  for (const int degrees : {0, 90, 180, 270}) {
    CAPTURE(degrees);
    auto owned = std::make_unique<Panel>();
    Panel& panel = *owned;
    const auto output = make_rotated_output(std::move(owned), degrees);
    const bool sideways = degrees % 180 != 0;
    REQUIRE(output->width() == (sideways ? 36 : 64));
    REQUIRE(output->height() == (sideways ? 64 : 36));
    PictureBuffer picture = pattern(output->width(), output->height());
    const auto flip = output->flip(picture.view(), 1234);
    REQUIRE(flip.ok());
    CHECK(flip->at == 1234);
    const Planes from = picture.planes();
    for (int y = 0; y < output->height(); ++y) {
      for (int x = 0; x < output->width(); ++x) {
        // Where the viewer's (x, y) lies on the panel's own rows: a quarter turn clockwise brings
        // the panel's left edge to the top.
        const int column = degrees == 90    ? y
                           : degrees == 180 ? 63 - x
                           : degrees == 270 ? 63 - y
                                            : x;
        const int row = degrees == 90 ? 35 - x : degrees == 180 ? 35 - y : degrees == 270 ? x : y;
        REQUIRE(panel.luma[row][column] == from.y[y * from.y_stride + x]);
        const int chroma = y / 2 * from.uv_stride + x / 2;
        REQUIRE(panel.cb[row / 2][column / 2] == from.u[chroma]);
        REQUIRE(panel.cr[row / 2][column / 2] == from.v[chroma]);
      }
    }
  }
}

TEST_CASE("what is no picture passes through a turned output as it is") {
  auto owned = std::make_unique<Panel>();
  Panel& panel = *owned;
  const auto output = make_rotated_output(std::move(owned), 90);
  CHECK(output->vblank_period() == 16'666);
  CHECK(output->vblank_at_or_after(10) == 15);
  CHECK(output->power(false).ok());
  CHECK_FALSE(panel.on);
  CHECK(output->display_bits() == kDisplayKnownDark);
  PictureBuffer unturned(64, 36);
  CHECK_FALSE(output->flip(unturned.view(), 0).ok());
}
