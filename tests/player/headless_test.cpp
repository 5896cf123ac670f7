#include <doctest/doctest.h>

#include "manual_clock.hpp"
#include "platform/crypto.hpp"
#include "player/output.hpp"
#include "player/source.hpp"
#include "protocol/play.hpp"
#include "temp_directory.hpp"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("a virtual vblank comes at the refresh rate, numbered without a gap") {
  ManualClock clock;
  auto output = make_headless_output(clock, {.width = 320, .height = 180});
  REQUIRE(output);
  PictureBuffer picture(320, 180);
  CHECK((*output)->vblank_period() == 16'666);
  auto before = (*output)->flip(picture.view(), clock.boottime());
  REQUIRE(before);
  for (int i = 0; i < 600; ++i) {
    auto flip = (*output)->flip(picture.view(), before->at + 1);
    REQUIRE(flip);
    CHECK(flip->sequence == before->sequence + 1);
    CHECK(clock.boottime() == flip->at);
    before = flip;
  }
  // 600 periods of 1/60 s: no drift.
  CHECK((*output)->vblank_at_or_after(before->at + 10 * kSecond) == before->at + 10 * kSecond);
}

TEST_CASE("a target in the past shows at the next vblank, and no vblank shows twice") {
  ManualClock clock;
  auto output = make_headless_output(clock, {.width = 320, .height = 180});
  REQUIRE(output);
  PictureBuffer picture(320, 180);
  auto first = (*output)->flip(picture.view(), 0);
  auto second = (*output)->flip(picture.view(), 0);
  REQUIRE(second);
  CHECK(second->sequence == first->sequence + 1);
}

TEST_CASE("every flip is one record; an equal picture is a short one") {
  TempDirectory directory;
  ManualClock clock(5'000'000);
  auto output = make_headless_output(clock, {.width = 64, .height = 50, .keep = directory.path()});
  REQUIRE(output);
  PictureBuffer picture(64, 50);
  REQUIRE((*output)->flip(picture.view(), 0));
  const Micros first = clock.boottime();
  REQUIRE((*output)->flip(picture.view(), 0));
  picture.fill(0, 20, 64, 2, 99, 128, 128);
  REQUIRE((*output)->flip(picture.view(), 0));

  auto body = read_file(directory / "glass-5000000.rec");
  REQUIRE(body);
  const std::uint8_t* at = body->data();
  CHECK(as_text({at, 8}) == "VTGLASS1");
  CHECK(read_le32(at + 8) == 64);
  CHECK(read_le32(at + 12) == 50);
  CHECK(read_le32(at + 16) == 20);
  CHECK(read_le32(at + 20) == 3);
  at += 24;
  REQUIRE(body->size() == 24 + (24 + 192) + (24 + 8) + (24 + 192));
  CHECK(read_le64(at) == first);
  CHECK(read_le32(at + 16) == 0);
  CHECK(read_le32(at + 20) == 192);
  CHECK(at[24] == 16);
  const Hash256 rows = sha256({at + 24, 192});
  const std::int64_t sequence = read_le64(at + 8);
  at += 24 + 192;
  CHECK(read_le64(at + 8) == sequence + 1);
  CHECK(read_le32(at + 16) == 1);
  CHECK(read_le32(at + 20) == 8);
  CHECK(std::equal(at + 24, at + 32, rows.begin()));
  at += 32;
  CHECK(read_le32(at + 16) == 0);
  CHECK(at[24] == 16);
  CHECK(at[24 + 64] == 99);
}

TEST_CASE("the latest picture lies there whole, at most twice a second") {
  TempDirectory directory;
  ManualClock clock;
  auto output = make_headless_output(clock, {.width = 64, .height = 50, .keep = directory.path()});
  REQUIRE(output);
  PictureBuffer picture(64, 50);
  REQUIRE((*output)->flip(picture.view(), 0));
  picture.fill(0, 0, 64, 50, 77, 128, 128);
  REQUIRE((*output)->flip(picture.view(), 0));
  auto kept = read_file(directory / "latest.nv12");
  REQUIRE(kept);
  CHECK(kept->size() == 64 * 50 * 3 / 2);
  CHECK(kept->front() == 16);
  clock.advance(kSecond);
  REQUIRE((*output)->flip(picture.view(), 0));
  CHECK(read_file(directory / "latest.nv12")->front() == 77);
  CHECK(*read_text(directory / "latest.txt") == "64 50\n");
}

TEST_CASE("sizes and rates that make no sense are refused") {
  ManualClock clock;
  CHECK_FALSE(make_headless_output(clock, {.width = 321, .height = 180}));
  CHECK_FALSE(make_headless_output(clock, {.width = 0, .height = 180}));
  CHECK_FALSE(make_headless_output(clock, {.width = 320, .height = 180, .refresh_mhz = 0}));
}

TEST_CASE("a panel that is off by plan leaves a black picture and takes none") {
  TempDirectory directory;
  ManualClock clock(5'000'000);
  auto output = make_headless_output(clock, {.width = 64, .height = 40, .keep = directory.path()});
  REQUIRE(output);
  PictureBuffer white(64, 40);
  white.fill(0, 0, 64, 40, 235, 128, 128);
  REQUIRE((*output)->flip(white.view(), 0));
  CHECK((*output)->display_bits() == 0);
  REQUIRE((*output)->power(false).ok());
  REQUIRE((*output)->power(false).ok());
  CHECK((*output)->display_bits() == kDisplayKnownDark);
  CHECK_FALSE((*output)->flip(white.view(), 0));
  REQUIRE((*output)->power(true).ok());
  CHECK((*output)->display_bits() == 0);

  // The header, then two pictures of two rows each: white, and black.
  const auto body = read_file(directory / "glass-5000000.rec");
  REQUIRE(body);
  REQUIRE(body->size() == 24 + 2 * (24 + 2 * 64));
  CHECK((*body)[24 + 24] == 235);
  CHECK((*body)[24 + 24 + 2 * 64 + 24] == 16);
  REQUIRE((*output)->flip(white.view(), 0));
}
