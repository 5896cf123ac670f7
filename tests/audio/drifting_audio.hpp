// An audio device in a test's own time: its crystal is off, it tells its position in coarse steps,
// and it keeps all it played. A clock that takes small steps lets its player tick on the way.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "manual_clock.hpp"
#include "player/audio_output.hpp"

namespace vitrine::testing {

class DriftingAudio final : public AudioOutput {
 public:
  // Positive `ppm`: it plays faster than the clock.
  DriftingAudio(const Clock& clock, double ppm);

  bool audible() const override { return audible_; }
  AudioPosition look() override;
  std::size_t write(std::span<const std::int16_t> samples) override;
  void rest() override { resting_ = true; }

  // All that was heard since the first write, silence where it ran dry: frame n at heard_at(n).
  const std::vector<std::int16_t>& samples() const { return samples_; }
  std::int64_t frames() const {
    return static_cast<std::int64_t>(samples_.size()) / kAudioChannels;
  }
  Micros heard_at(std::int64_t frame) const;
  int left(std::int64_t frame) const {
    return samples_[static_cast<std::size_t>(frame) * kAudioChannels];
  }
  // The greatest step from one sample to the next, from one moment to another.
  int largest_step(Micros from, Micros until) const;
  int largest_step() const;
  int loudest(Micros from, Micros until) const;
  int ran_dry = 0;  // not counted while it rested

  std::atomic<bool> audible_{true};

 private:
  void run_dry_until(Micros now);

  const Clock& clock_;
  double frame_length_;  // microseconds
  double begun_ = -1;    // when the first frame was heard
  bool resting_ = true;
  std::vector<std::int16_t> samples_;
};

// Sleeps in steps of at most 10 ms and calls `on_step` after each, on the sleeping thread.
class SteppedClock final : public Clock {
 public:
  Micros boottime() const override { return inner_.boottime(); }
  Micros monotonic() const override { return inner_.monotonic(); }
  Micros realtime() const override { return inner_.realtime(); }
  BootId boot_id() const override { return inner_.boot_id(); }
  void sleep_until(Micros deadline) const override;

  std::function<void()> on_step;

 private:
  ManualClock inner_;
};

}  // namespace vitrine::testing
