// Scenes drawn in the test: dark rectangles that walk over a lightly textured ground.
#pragma once

#include <cstdint>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "audience/frame_source.hpp"
#include "platform/clock.hpp"

namespace vitrine::testing {

inline constexpr int kSceneWidth = 320;
inline constexpr int kSceneHeight = 240;
inline constexpr int kWalkerWidth = 20;
inline constexpr int kWalkerHeight = 60;

// From `from_x` at second `start` with `speed` pixels a second (negative: to the left) until
// `until`; feet at y.
struct Walker {
  double start = 0;
  double from_x = 0;
  double speed = 0;
  double until = 1e9;
  int feet = 200;
};

inline Frame ground() {
  Frame frame;
  frame.width = kSceneWidth;
  frame.height = kSceneHeight;
  frame.luma.resize(static_cast<std::size_t>(kSceneWidth) * kSceneHeight);
  for (int y = 0; y < kSceneHeight; ++y) {
    for (int x = 0; x < kSceneWidth; ++x) {
      frame.luma[static_cast<std::size_t>(y * kSceneWidth + x)] =
          static_cast<std::uint8_t>(150 + (x * 7 + y * 13) % 11);
    }
  }
  return frame;
}

inline Frame draw(const std::vector<Walker>& walkers, double second) {
  static const Frame kGround = ground();
  Frame frame = kGround;
  for (const Walker& walker : walkers) {
    if (second < walker.start || second >= walker.until) continue;
    const int left = static_cast<int>(walker.from_x + walker.speed * (second - walker.start));
    for (int y = walker.feet - kWalkerHeight; y < walker.feet; ++y) {
      for (int x = left; x < left + kWalkerWidth; ++x) {
        if (x >= 0 && x < kSceneWidth && y >= 0 && y < kSceneHeight) {
          frame.luma[static_cast<std::size_t>(y * kSceneWidth + x)] = 30;
        }
      }
    }
  }
  return frame;
}

// The same as a clip on disk: YUV4MPEG2 with one grey plane, which FFmpeg reads and anybody can
// write.
inline void write_clip(const std::string& path, const std::vector<Walker>& walkers, double seconds,
                       int fps = 10) {
  std::ofstream file(path, std::ios::binary);
  file << "YUV4MPEG2 W" << kSceneWidth << " H" << kSceneHeight << " F" << fps
       << ":1 Ip A1:1 Cmono\n";
  for (int i = 0; i < static_cast<int>(seconds * fps); ++i) {
    const Frame frame = draw(walkers, static_cast<double>(i) / fps);
    file << "FRAME\n";
    file.write(reinterpret_cast<const char*>(frame.luma.data()),
               static_cast<std::streamsize>(frame.luma.size()));
  }
}

}  // namespace vitrine::testing
