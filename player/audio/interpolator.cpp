#include "interpolator.hpp"

#include <cmath>
#include <numbers>

namespace vitrine {

Interpolator::Interpolator() {
  constexpr double kHalf = kTaps / 2.0;
  for (int phase = 0; phase <= kPhases; ++phase) {
    Taps& taps = phases_[static_cast<std::size_t>(phase)];
    double sum = 0;
    std::array<double, kTaps> exact{};
    for (int tap = 0; tap < kTaps; ++tap) {
      const double x = tap - kBefore - static_cast<double>(phase) / kPhases;
      const double turn = std::numbers::pi * x;
      const double sinc = std::abs(x) < 1e-9 ? 1.0 : std::sin(turn) / turn;
      // Blackman's window over the taps.
      const double w = std::numbers::pi * x / kHalf;
      const double window = 0.42 + 0.5 * std::cos(w) + 0.08 * std::cos(2 * w);
      exact[static_cast<std::size_t>(tap)] = sinc * window;
      sum += sinc * window;
    }
    for (std::size_t tap = 0; tap < kTaps; ++tap) taps[tap] = static_cast<float>(exact[tap] / sum);
  }
}

std::array<float, kAudioChannels> Interpolator::at(const std::int16_t* at, double fraction) const {
  const double place = fraction * kPhases;
  const auto phase = static_cast<std::size_t>(place);
  const auto between = static_cast<float>(place - static_cast<double>(phase));
  const Taps& here = phases_[phase];
  const Taps& next = phases_[phase + 1];
  const std::int16_t* frame = at - kBefore * kAudioChannels;
  float left = 0;
  float right = 0;
  for (std::size_t tap = 0; tap < kTaps; ++tap, frame += kAudioChannels) {
    const float weight = here[tap] + between * (next[tap] - here[tap]);
    left += weight * static_cast<float>(frame[0]);
    right += weight * static_cast<float>(frame[1]);
  }
  return {left, right};
}

}  // namespace vitrine
