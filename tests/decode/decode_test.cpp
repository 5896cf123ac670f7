// The same pictures on every CPU. clips/frames.txt was made without this code (clips/make.sh).
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>

#include "pictures.hpp"
#include "platform/crypto.hpp"
#include "player/jpeg.hpp"
#include "temp_directory.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

constexpr int kFrames = 24;
constexpr Micros kStep = 40 * kMillisecond;
const std::map<std::string, std::string> kCodecs = {
    {"h264.mp4", "h264"}, {"hevc.mp4", "hevc"}, {"vp9.webm", "vp9"}, {"av1.webm", "av1"}};

using Hashes = std::map<std::pair<std::string, int>, std::string>;
Hashes golden_hashes() {
  const auto text = read_text(kClips / "frames.txt");
  REQUIRE_MESSAGE(text.ok(), text.error().message);
  Hashes hashes;
  std::istringstream lines(*text);
  std::string clip, hash;
  for (int frame = 0; lines >> clip >> frame >> hash;) hashes[{clip, frame}] = hash;
  return hashes;
}

// Halved: the mean of four, rounded to nearest.
int mean_of_four(const Component& from, int x, int y) {
  return (from.at(2 * x, 2 * y) + from.at(2 * x + 1, 2 * y) + from.at(2 * x, 2 * y + 1) +
          from.at(2 * x + 1, 2 * y + 1) + 2) /
         4;
}

// What lies at the middle of pixel (x, y) of a picture of w x h, between the four pixels around it.
double between(const Component& from, int x, int y, int w, int h) {
  const double at_x = std::clamp((x + 0.5) * from.width / w - 0.5, 0.0, from.width - 1.0);
  const double at_y = std::clamp((y + 0.5) * from.height / h - 0.5, 0.0, from.height - 1.0);
  const int left = static_cast<int>(at_x), top = static_cast<int>(at_y);
  const int right = std::min(left + 1, from.width - 1), low = std::min(top + 1, from.height - 1);
  const double dx = at_x - left, dy = at_y - top;
  return (from.at(left, top) * (1 - dx) + from.at(right, top) * dx) * (1 - dy) +
         (from.at(left, low) * (1 - dx) + from.at(right, low) * dx) * dy;
}

}  // namespace

TEST_CASE("every frame of every codec is the golden picture at its time, with any thread count") {
  const Hashes golden = golden_hashes();
  REQUIRE(golden.size() == kCodecs.size() * kFrames);
  for (const auto& [clip, codec] : kCodecs) {
    for (const int threads : {1, 3}) {
      CAPTURE(clip);
      CAPTURE(threads);
      const auto source = open_clip(clip, threads);
      CHECK(source->info().codec == codec);
      PicturePool pool(kWidth, kHeight);
      int frames = 0;
      for (;; ++frames) {
        CAPTURE(frames);
        const auto read = source->read(pool);
        REQUIRE_MESSAGE(read.ok(), read.error().message);
        if (!*read) break;
        CHECK((*read)->time.pts == frames * kStep);
        CHECK((*read)->time.duration == kStep);
        const auto expected = golden.find({clip, frames});
        REQUIRE(expected != golden.end());
        CHECK(to_hex(sha256(packed((*read)->picture))) == expected->second);
      }
      CHECK(frames == kFrames);
    }
  }
}

TEST_CASE("halving is exact") {
  for (const auto& [clip, codec] : kCodecs) {
    CAPTURE(clip);
    const auto whole = open_clip(clip), half = open_clip(clip);
    PicturePool large(kWidth, kHeight), small(kWidth / 2, kHeight / 2);
    for (int frame = 0; frame < kFrames; ++frame) {
      CAPTURE(frame);
      const Frame big = *whole->read(large).value(), little = *half->read(small).value();
      const auto from = components(big.picture), to = components(little.picture);
      int wrong = 0;
      for (std::size_t i = 0; i < to.size(); ++i) {
        for (int y = 0; y < to[i].height; ++y) {
          for (int x = 0; x < to[i].width; ++x) {
            wrong += to[i].at(x, y) != mean_of_four(from[i], x, y);
          }
        }
      }
      CHECK(wrong == 0);
    }
  }
}

// No hash here: between pixels libyuv weighs with 7 bits on x86 and with 16 on ARM (BLENDER in its
// scale_common.cc): 2.25 codes off at worst there, 1.07 on arm64.
TEST_CASE("any other size is within three codes of exact interpolation, on black") {
  constexpr int kOutWidth = 128, kOutHeight = 96, kLeft = 4, kShown = 118;
  double worst = 0, sum = 0;
  std::size_t count = 0;
  for (const auto& [clip, codec] : kCodecs) {
    CAPTURE(clip);
    const auto whole = open_clip(clip), scaled = open_clip(clip);
    PicturePool large(kWidth, kHeight), small(kOutWidth, kOutHeight);
    for (int frame = 0; frame < kFrames; ++frame) {
      CAPTURE(frame);
      const Frame big = *whole->read(large).value(), little = *scaled->read(small).value();
      const auto from = components(big.picture), to = components(little.picture);
      for (std::size_t i = 0; i < to.size(); ++i) {
        const int part = i == 0 ? 1 : 2;
        const int height = to[i].height, left = kLeft / part, shown = kShown / part;
        const Component inner = to[i].cut(left, 0, shown, height);
        for (int y = 0; y < height; ++y) {
          for (int x = 0; x < shown; ++x) {
            const double off = std::abs(inner.at(x, y) - between(from[i], x, y, shown, height));
            worst = std::max(worst, off);
            sum += off;
            ++count;
          }
        }
        const int black = i == 0 ? 16 : 128;
        int lit = 0;
        for (int y = 0; y < height; ++y) {
          for (int x = 0; x < to[i].width; ++x) {
            lit += (x < left || x >= left + shown) && to[i].at(x, y) != black;
          }
        }
        CHECK(lit == 0);
      }
    }
  }
  MESSAGE("worst " << worst << ", mean " << sum / static_cast<double>(count));
  CHECK(worst <= 3);
  CHECK(sum / static_cast<double>(count) <= 0.5);
}

TEST_CASE("a plain colour stays itself, however much smaller it is shown") {
  struct Colour {
    int luma, cb, cr;
  };
  const vitrine::testing::TempDirectory directory;
  const fs::path file = directory / "plain.jpg";
  for (const Colour colour : {Colour{235, 128, 128}, Colour{16, 128, 128}, Colour{63, 102, 240}}) {
    CAPTURE(colour.luma);
    PictureBuffer plain(1920, 1080);
    plain.fill(0, 0, 1920, 1080, static_cast<std::uint8_t>(colour.luma),
               static_cast<std::uint8_t>(colour.cb), static_cast<std::uint8_t>(colour.cr));
    const auto jpeg = encode_jpeg(plain.view(), {.side = 1920, .bytes = 1 << 22});
    REQUIRE(jpeg.ok());
    REQUIRE(write_atomic(file, jpeg->bytes).ok());
    for (const auto& [width, height] :
         {std::pair{1920, 1080}, std::pair{480, 272}, std::pair{854, 480}, std::pair{320, 180},
          std::pair{128, 72}}) {
      CAPTURE(width);
      const auto source = open_media_source(file, {.threads = 1});
      REQUIRE_MESSAGE(source.ok(), source.error().message);
      PicturePool pool(width, height);
      const Frame frame = *(*source)->read(pool).value();
      const auto parts = components(frame.picture);
      const int expected[] = {colour.luma, colour.cb, colour.cr};
      for (std::size_t i = 0; i < parts.size(); ++i) {
        int worst = 0;
        for (int y = 0; y < parts[i].height; ++y) {
          for (int x = 0; x < parts[i].width; ++x) {
            worst = std::max(worst, std::abs(parts[i].at(x, y) - expected[i]));
          }
        }
        CAPTURE(i);
        CHECK(worst == 0);
      }
    }
  }
}
