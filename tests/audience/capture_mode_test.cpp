#include "capture_mode.hpp"

#include <doctest/doctest.h>

using namespace vitrine;

namespace {

constexpr std::uint32_t kYuyv = fourcc("YUYV"), kNv12 = fourcc("NV12"), kGrey = fourcc("GREY"),
                        kMjpg = fourcc("MJPG");
constexpr Micros k30 = kSecond / 30, k10 = kSecond / 10, k5 = kSecond / 5, k2 = kSecond / 2;

}  // namespace

TEST_CASE(
    "a raw format that somebody has set stays, MJPG and what is no size for counting do not") {
  for (const std::uint32_t code : {kYuyv, kNv12, kGrey}) {
    CHECK(stays({code, 1280, 720, 0}));
    CHECK(stays({code, 320, 240, 0}));
    CHECK_FALSE(stays({code, 1920, 1080, 0}));
    CHECK_FALSE(stays({code, 32, 32, 0}));
  }
  CHECK_FALSE(stays({kMjpg, 640, 480, 0}));
  CHECK_FALSE(stays({fourcc("BGR3"), 640, 480, 0}));
}

TEST_CASE(
    "of what a camera offers the cheapest format comes first, at the size nearest to 640x480") {
  const auto modes = modes_to_try({{kMjpg, 640, 480, k30},
                                   {kGrey, 640, 480, k30},
                                   {kYuyv, 1920, 1080, k30},
                                   {kYuyv, 320, 240, k30},
                                   {kYuyv, 800, 600, k30},
                                   {kNv12, 640, 360, k30}});
  REQUIRE(modes.size() == 4);
  CHECK(modes[0].fourcc == kNv12);
  CHECK(modes[1].fourcc == kYuyv);
  CHECK(modes[1].width == 800);
  CHECK(modes[2].fourcc == kGrey);
  CHECK(modes[3].fourcc == kMjpg);
}

TEST_CASE("ten pictures a second come before size, and before the cheaper format") {
  const auto slow =
      modes_to_try({{kYuyv, 640, 480, k5}, {kYuyv, 1280, 720, k2}, {kMjpg, 1280, 720, k30}});
  REQUIRE(slow.size() == 2);
  CHECK(slow[0].fourcc == kMjpg);
  CHECK(slow[1].width == 640);
  const auto smaller = modes_to_try({{kYuyv, 640, 480, k5}, {kYuyv, 320, 240, k10}});
  REQUIRE(smaller.size() == 1);
  CHECK(smaller[0].width == 320);
}

TEST_CASE(
    "a camera that lists nothing is asked for YUYV, then MJPG; formats not read are no mode") {
  const auto modes = modes_to_try({});
  REQUIRE(modes.size() == 2);
  CHECK(modes[0].fourcc == kYuyv);
  CHECK(modes[0].width == 640);
  CHECK(modes[1].fourcc == kMjpg);
  CHECK(modes_to_try({{fourcc("H264"), 640, 480, k30}}).empty());
  CHECK(modes_to_try({{kYuyv, 0, 480, k30}}).empty());
}

TEST_CASE("of a range of sizes one that lies on its steps is taken") {
  CHECK(nearest_step(640, 32, 2592, 2) == 640);
  CHECK(nearest_step(640, 48, 2592, 16) == 640);
  CHECK(nearest_step(640, 1000, 2000, 8) == 1000);
  CHECK(nearest_step(640, 16, 320, 16) == 320);
  CHECK(nearest_step(640, 0, 1000, 300) == 600);
  CHECK(nearest_step(640, 0, 1000, 400) == 800);
  CHECK(nearest_step(640, 16, 16, 0) == 16);
  CHECK(nearest_step(640, 1, 4000, 0) == 640);
}
