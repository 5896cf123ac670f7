// Sound between its samples: what makes a track a little faster or slower. Band-limited (windowed
// sinc, 16 taps), so that treble survives it; meant for ratios near 1, where nothing aliases.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "player/audio_output.hpp"

namespace vitrine {

class Interpolator {
 public:
  static constexpr int kBefore = 7;  // frames it needs before the frame at or before the place
  static constexpr int kAfter = 8;   // and after it

  Interpolator();
  // The sound `fraction` (0 <= fraction < 1) of a frame after `at`, a place in interleaved frames
  // with kBefore frames before it and kAfter behind it.
  std::array<float, kAudioChannels> at(const std::int16_t* at, double fraction) const;

 private:
  static constexpr int kTaps = kBefore + 1 + kAfter;
  static constexpr int kPhases = 128;
  using Taps = std::array<float, kTaps>;
  std::array<Taps, kPhases + 1> phases_{};
};

}  // namespace vitrine
