#include "drifting_audio.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace vitrine::testing {
namespace {

constexpr double kRoom = 9600;     // frames
constexpr double kReported = 240;  // its position is told in steps of so many frames

}  // namespace

DriftingAudio::DriftingAudio(const Clock& clock, double ppm)
    : clock_(clock), frame_length_(1e6 / kAudioRate / (1 + ppm * 1e-6)) {}

Micros DriftingAudio::heard_at(std::int64_t frame) const {
  return static_cast<Micros>(std::llround(begun_ + static_cast<double>(frame) * frame_length_));
}

void DriftingAudio::run_dry_until(Micros now) {
  if (begun_ < 0) return;
  const auto missing =
      static_cast<std::int64_t>(std::floor((static_cast<double>(now) - begun_) / frame_length_) -
                                static_cast<double>(frames()));
  if (missing <= 0) return;
  ran_dry += !resting_;
  samples_.resize(samples_.size() + static_cast<std::size_t>(missing * kAudioChannels));
}

AudioPosition DriftingAudio::look() {
  const Micros now = clock_.boottime();
  run_dry_until(now);
  if (begun_ < 0) return {0, now};
  const double queued = std::max(
      0.0, (begun_ - static_cast<double>(now)) / frame_length_ + static_cast<double>(frames()));
  const double told = std::round(queued / kReported) * kReported;
  return {static_cast<std::size_t>(told), now + static_cast<Micros>(told * 1e6 / kAudioRate)};
}

std::size_t DriftingAudio::write(std::span<const std::int16_t> samples) {
  const Micros now = clock_.boottime();
  if (begun_ < 0) begun_ = static_cast<double>(now);
  run_dry_until(now);
  resting_ = false;
  const double queued =
      (begun_ - static_cast<double>(now)) / frame_length_ + static_cast<double>(frames());
  const auto offered = static_cast<double>(samples.size()) / kAudioChannels;
  const auto taken = static_cast<std::size_t>(std::clamp(kRoom - queued, 0.0, offered));
  samples_.insert(samples_.end(), samples.begin(),
                  samples.begin() + static_cast<std::ptrdiff_t>(taken * kAudioChannels));
  return taken;
}

int DriftingAudio::largest_step(Micros from, Micros until) const {
  int largest = 0;
  for (std::int64_t i = 1; i < frames(); ++i) {
    if (heard_at(i) < from || heard_at(i) >= until) continue;
    largest = std::max(largest, std::abs(left(i) - left(i - 1)));
  }
  return largest;
}

int DriftingAudio::largest_step() const {
  return frames() == 0 ? 0 : largest_step(heard_at(0), heard_at(frames()));
}

int DriftingAudio::loudest(Micros from, Micros until) const {
  int loudest = 0;
  for (std::int64_t i = 0; i < frames(); ++i) {
    if (heard_at(i) >= from && heard_at(i) < until) loudest = std::max(loudest, std::abs(left(i)));
  }
  return loudest;
}

void SteppedClock::sleep_until(Micros deadline) const {
  while (inner_.boottime() < deadline) {
    const Micros now = inner_.boottime();
    inner_.sleep_until(std::min(deadline, (now / (10 * kMillisecond) + 1) * 10 * kMillisecond));
    if (on_step) on_step();
  }
}

}  // namespace vitrine::testing
