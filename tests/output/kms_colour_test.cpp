#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "output/kms.hpp"
#include "probe/test_card.hpp"
#include "recorded_drm.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

using Rgb = std::array<double, 3>;

Rgb bt709(int y, int cb, int cr) {
  const double luma = (y - 16) / 219.0, u = (cb - 128) / 224.0, v = (cr - 128) / 224.0;
  const double exact[] = {luma + 1.5748 * v, luma - 0.1873 * u - 0.4681 * v, luma + 1.8556 * u};
  Rgb rgb{};
  for (std::size_t i = 0; i < 3; ++i) rgb[i] = std::clamp(exact[i] * 255, 0.0, 255.0);
  return rgb;
}

// What a display makes of the middle of what is shown. A plane that was told another coding than
// the pixels have would show other colours.
Rgb on_glass(const RecordedCard::Shown& shown) {
  const int x = shown.width / 2, y = shown.height / 2;
  if (shown.format != kFormatNv12) {
    const std::uint8_t* pixel = shown.pixels + y * shown.pitch + 4 * x;
    return {double(pixel[2]), double(pixel[1]), double(pixel[0])};
  }
  const bool told = shown.settings.contains("COLOR_ENCODING");
  REQUIRE((!told || shown.settings.at("COLOR_ENCODING") == 1));  // ITU-R BT.709
  REQUIRE((!told || shown.settings.at("COLOR_RANGE") == 0));     // limited
  const std::uint8_t* chroma = shown.chroma + y / 2 * shown.pitch + x / 2 * 2;
  return bt709(shown.pixels[y * shown.pitch + x], chroma[0], chroma[1]);
}

double apart(const Rgb& one, const Rgb& other) {
  double most = 0;
  for (std::size_t i = 0; i < 3; ++i) most = std::max(most, std::fabs(one[i] - other[i]));
  return most;
}

}  // namespace

TEST_CASE("the patches of the test card are the colours they are named after") {
  for (const Patch& patch : kPatches) {
    CAPTURE(patch.name);
    const Rgb named{double(patch.red), double(patch.green), double(patch.blue)};
    CHECK(apart(bt709(patch.y, patch.cb, patch.cr), named) <= 2);
  }
}

TEST_CASE("every patch is on the glass within 2 codes, by every form") {
  ManualClock clock;
  struct Case {
    const char* record;
    int rotation;
    bool scales;
    std::uint32_t format;
  };
  for (const Case& one :
       {Case{"pi4", 0, true, kFormatNv12}, Case{"pi4", 180, true, kFormatNv12},
        Case{"pi4", 90, true, kFormatNv12}, Case{"pi4", 270, false, kFormatNv12},
        Case{"mxsfb", 0, false, kFormatXrgb}, Case{"mxsfb", 90, false, kFormatXrgb}}) {
    RecordedCard card(clock, recorded_display(one.record));
    card.planes_scale = one.scales;
    auto output = make_kms_output_on(clock, card.open(), {.rotation = one.rotation}, false);
    REQUIRE(output);
    PictureBuffer picture((*output)->width(), (*output)->height());
    for (const Patch& patch : kPatches) {
      picture.fill(0, 0, picture.width(), picture.height(), patch.y, patch.cb, patch.cr);
      REQUIRE((*output)->flip(picture.view(), clock.boottime()));
      REQUIRE(card.shown()->format == one.format);
      CAPTURE(one.record);
      CAPTURE(patch.name);
      CHECK(apart(on_glass(*card.shown()), bt709(patch.y, patch.cb, patch.cr)) <= 2);
    }
  }
}

TEST_CASE("scaled in YUV a plain colour stays itself") {
  ManualClock clock;
  RecordedCard card(clock, recorded_display("mxsfb"));
  card.planes_scale = false;
  card.plug(false);  // pictures are full HD then
  auto output = make_kms_output_on(clock, card.open(), {}, false);
  REQUIRE(output);
  card.plug(true);
  PictureBuffer picture((*output)->width(), (*output)->height());
  while (!card.shown()) REQUIRE((*output)->flip(picture.view(), clock.boottime()));
  for (const Patch& patch : kPatches) {
    picture.fill(0, 0, picture.width(), picture.height(), patch.y, patch.cb, patch.cr);
    REQUIRE((*output)->flip(picture.view(), clock.boottime()));
    CAPTURE(patch.name);
    CHECK(apart(on_glass(*card.shown()), bt709(patch.y, patch.cb, patch.cr)) <= 2);
  }
}

TEST_CASE("the test card has an edge, its patches, greys and a counter that counts") {
  PictureBuffer one(1280, 720), next(1280, 720);
  draw_test_card(one, "1280x720 60.00", 7);
  draw_test_card(next, "1280x720 60.00", 8);
  const Picture picture = one.view();
  const auto luma = [&](const Picture& of, int x, int y) { return of.y[y * of.y_stride + x]; };
  for (int x = 0; x < 1280; ++x) {
    REQUIRE(luma(picture, x, 0) == 235);
    REQUIRE(luma(picture, x, 719) == 235);
  }
  for (int i = 0; i < 8; ++i) {
    const int x = i * 160 + 80;
    CHECK(luma(picture, x, 100) == kPatches[i].y);
    CHECK(picture.u[50 * picture.uv_stride + x / 2] == kPatches[i].cb);
    CHECK(picture.v[50 * picture.uv_stride + x / 2] == kPatches[i].cr);
  }
  for (int i = 1; i < 17; ++i) {
    CHECK(luma(picture, i * 74 + 30, 400) > luma(picture, i * 74 - 44, 400));
  }
  int differs = 0;
  for (int y = 0; y < 720; ++y) {
    for (int x = 0; x < 1280; ++x) differs += luma(picture, x, y) != luma(next.view(), x, y);
  }
  CHECK(differs > 100);
  // Small and odd displays get a card, too.
  PictureBuffer small(16, 16), tall(480, 1920);
  draw_test_card(small, "16x16 60.00", 123'456);
  draw_test_card(tall, "480x1920 60.00", 0);
}
