// When what is written will be heard, smoothed: a device tells it in steps of its own (a period, a
// USB packet), and a step is no drift. Pure.
#pragma once

#include <cmath>
#include <optional>

#include "player/audio_output.hpp"

namespace vitrine {

class AudioTimeline {
 public:
  // What the device says of the next frame to be written. Called every 10 ms.
  void follow(Micros said) {
    const double off = expected_ ? static_cast<double>(said) - *expected_ : kBroken;
    // The device ran dry, was exchanged or did not run yet: that is where it is now.
    if (std::abs(off) >= kBroken) {
      expected_ = static_cast<double>(said);
    } else {
      *expected_ += kTaken * off;
    }
  }
  // As it is taken here: when the next frame written is heard.
  Micros heard_at() const { return expected_ ? static_cast<Micros>(std::llround(*expected_)) : 0; }
  void wrote(std::size_t frames) {
    if (expected_) *expected_ += static_cast<double>(frames) * kSecond / kAudioRate;
  }
  void restart() { expected_.reset(); }

 private:
  static constexpr double kBroken = 40.0 * kMillisecond;
  // Of each difference: a device 2,000 ppm off is followed 0.4 ms behind.
  static constexpr double kTaken = 0.05;
  std::optional<double> expected_;
};

}  // namespace vitrine
