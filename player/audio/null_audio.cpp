// A device that nobody hears: it takes sound as fast as a real one would play it.

#include <algorithm>

#include "player/audio_output.hpp"

namespace vitrine {
namespace {

constexpr std::int64_t kRoom = audio_frames(200 * kMillisecond);

class NullAudio final : public AudioOutput {
 public:
  explicit NullAudio(const Clock& clock) : clock_(clock) {}

  bool audible() const override { return false; }

  AudioPosition look() override {
    const Micros now = clock_.boottime();
    heard_at_ = std::max(heard_at_, now);  // it ran dry
    return {static_cast<std::size_t>(audio_frames(heard_at_ - now)), heard_at_};
  }

  std::size_t write(std::span<const std::int16_t> samples) override {
    const auto offered = static_cast<std::int64_t>(samples.size()) / kAudioChannels;
    const std::int64_t room = kRoom - static_cast<std::int64_t>(look().queued);
    const std::int64_t taken = std::clamp<std::int64_t>(room, 0, offered);
    heard_at_ += audio_length(taken);
    return static_cast<std::size_t>(taken);
  }

  void rest() override { heard_at_ = 0; }

 private:
  const Clock& clock_;
  Micros heard_at_ = 0;
};

}  // namespace

std::unique_ptr<AudioOutput> make_null_audio(const Clock& clock) {
  return std::make_unique<NullAudio>(clock);
}

}  // namespace vitrine
