// What the codecs' standards leave to the CPU (the inverse transform of MPEG-4 and JPEG) and libyuv
// to its weights: not the same bytes everywhere, but no further apart than an eye could tell.
// Golden are the pictures of x86-64, kept without loss (clips/make.sh).
#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "pictures.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

constexpr int kNear = 2;  // codes of 255

struct Case {
  std::string clip;
  int frame;
  int width, height;
  std::string golden;  // the clip, and where in it
  int at;
};
const std::vector<Case> kCases = {
    {"mpeg4.mp4", 11, kWidth, kHeight, "near.mp4", 0},
    {"mpeg4.mp4", 23, kWidth, kHeight, "near.mp4", 1},
    {"still.jpg", 0, kWidth, kHeight, "near.mp4", 2},
    {"h264.mp4", 0, 128, 96, "near-scaled.mp4", 0},
    {"h264.mp4", 23, 128, 96, "near-scaled.mp4", 1},
    {"still.jpg", 0, 128, 96, "near-scaled.mp4", 2},
};

std::vector<Component> nth(const std::string& clip, int frame, PicturePool& pool, Frame& kept) {
  const auto source = open_clip(clip);
  for (int i = 0; i <= frame; ++i) {
    auto read = source->read(pool);
    REQUIRE_MESSAGE(read.ok(), read.error().message);
    REQUIRE(read->has_value());
    kept = std::move(**read);
  }
  return components(kept.picture);
}

}  // namespace

TEST_CASE("MPEG-4, JPEG and scaled pictures are within two codes of the golden ones on any CPU") {
  // Set by clips/make.sh: the pictures go there instead, as NV12, one file for each golden clip.
  const char* out = std::getenv("VITRINE_NEAR_OUT");
  for (const Case& one : kCases) {
    CAPTURE(one.clip);
    CAPTURE(one.frame);
    CAPTURE(one.width);
    PicturePool pool(one.width, one.height), golden_pool(one.width, one.height);
    Frame frame, golden;
    const auto parts = nth(one.clip, one.frame, pool, frame);
    if (out) {
      const Bytes bytes = packed(frame.picture);
      std::ofstream(fs::path(out) / (one.golden + ".nv12"), std::ios::app | std::ios::binary)
          .write(reinterpret_cast<const char*>(bytes.data()),
                 static_cast<std::streamsize>(bytes.size()));
      continue;
    }
    const auto expected = nth(one.golden, one.at, golden_pool, golden);
    int worst = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      for (int y = 0; y < parts[i].height; ++y) {
        for (int x = 0; x < parts[i].width; ++x) {
          worst = std::max(worst, std::abs(parts[i].at(x, y) - expected[i].at(x, y)));
        }
      }
    }
    MESSAGE(one.clip << " frame " << one.frame << " at " << one.width << ": worst " << worst);
    CHECK(worst <= kNear);
  }
}
