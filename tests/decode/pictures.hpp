// The clips of clips/ and their decoded pictures, component by component.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "player/source.hpp"

namespace vitrine::testing {

inline const fs::path kClips = VITRINE_CLIPS;
constexpr int kWidth = 176, kHeight = 144;  // of each of them

inline std::unique_ptr<MediaSource> open_clip(const std::string& clip, int threads = 1) {
  auto source = open_media_source(kClips / clip, {.threads = threads});
  REQUIRE_MESSAGE(source.ok(), source.error().message);
  return std::move(*source);
}

// One component of a picture.
struct Component {
  const std::uint8_t* first;
  int stride, width, height;
  int at(int x, int y) const { return first[static_cast<std::ptrdiff_t>(stride) * y + x]; }
  Component cut(int x, int y, int w, int h) const {
    return {first + static_cast<std::ptrdiff_t>(stride) * y + x, stride, w, h};
  }
};
inline std::vector<Component> components(const Picture& p) {
  return {{p.y, p.y_stride, p.width, p.height},
          {p.u, p.uv_stride, p.width / 2, p.height / 2},
          {p.v, p.uv_stride, p.width / 2, p.height / 2}};
}

// The picture as ffmpeg writes NV12: all rows, Cb and Cr in turn, no padding.
inline Bytes packed(const Picture& picture) {
  const auto parts = components(picture);
  Bytes bytes;
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) bytes.push_back(parts[0].at(x, y) & 255);
  }
  for (int y = 0; y < picture.height / 2; ++y) {
    for (int x = 0; x < picture.width / 2; ++x) {
      bytes.push_back(parts[1].at(x, y) & 255);
      bytes.push_back(parts[2].at(x, y) & 255);
    }
  }
  return bytes;
}

}  // namespace vitrine::testing
