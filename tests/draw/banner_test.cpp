#include <doctest/doctest.h>

#include <algorithm>

#include "manual_clock.hpp"
#include "player/banner_output.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

struct Glimpse final : Output {
  int width() const override { return 640; }
  int height() const override { return 360; }
  Micros vblank_period() const override { return 16'667; }
  std::uint32_t display_bits() const override { return 0; }
  Micros vblank_at_or_after(Micros at) const override { return at; }
  Result<Flip> flip(const Picture& picture, Micros target) override {
    memory = picture.y;
    upper = picture.y[10 * picture.y_stride + 2];
    lower = picture.y[300 * picture.y_stride + 2];
    bright = 0;
    for (int y = 0; y < 72; ++y) {
      for (int x = 0; x < 640; ++x) bright += picture.y[y * picture.y_stride + x] > 180;
    }
    return Flip{target, 1};
  }
  const std::uint8_t* memory = nullptr;
  int upper = 0, lower = 0, bright = 0;
};

}  // namespace

TEST_CASE("a banner lies over the picture for its time, and without one nothing is copied") {
  ManualClock clock;
  Glimpse glass;
  BannerOutput output(clock, glass);
  PictureBuffer picture(640, 360);
  picture.fill(0, 0, 640, 360, 100, 128, 128);
  const std::uint8_t* own = picture.view().y;
  REQUIRE(output.flip(picture.view(), 1).ok());
  CHECK(glass.memory == own);

  output.raise("lobby-1");
  REQUIRE(output.flip(picture.view(), 2).ok());
  CHECK(glass.memory != own);
  CHECK(glass.upper < 60);
  CHECK(glass.lower == 100);
  CHECK(glass.bright > 2'000);
  CHECK(picture.view().y[10 * picture.view().y_stride + 2] == 100);

  clock.advance(kBannerTime - 1);
  REQUIRE(output.flip(picture.view(), 3).ok());
  CHECK(glass.upper < 60);
  clock.advance(1);
  REQUIRE(output.flip(picture.view(), 4).ok());
  CHECK(glass.memory == own);
}
