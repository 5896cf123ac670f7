// The player's own thread, in real time: it wakes for orders, plays, rests and stops.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "player/audio_player.hpp"

using namespace vitrine;

namespace {

// Takes sound at the clock's rate and counts what was loud.
class CountingAudio final : public AudioOutput {
 public:
  explicit CountingAudio(const Clock& clock) : inner_(make_null_audio(clock)) {}
  bool audible() const override { return true; }
  AudioPosition look() override { return inner_->look(); }
  std::size_t write(std::span<const std::int16_t> samples) override {
    const std::size_t taken = inner_->write(samples);
    for (const std::int16_t sample : samples.first(taken * kAudioChannels)) loud += sample > 9'000;
    return taken;
  }
  void rest() override {
    inner_->rest();
    ++rests;
  }

  std::atomic<int> loud{0}, rests{0};

 private:
  std::unique_ptr<AudioOutput> inner_;
};

void await(const std::function<bool()>& ready) {
  for (int tries = 0; !ready() && tries < 60'000; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  REQUIRE(ready());
}

}  // namespace

TEST_CASE("the player's thread plays what another thread orders, rests, wakes and stops") {
  const SystemClock clock;
  CountingAudio device(clock);
  AudioPlayer audio(clock, device);
  audio.start();
  for (int round = 1; round <= 2; ++round) {
    auto track = audio.track(/*muted=*/false);
    REQUIRE(track);
    const int before = device.loud;
    audio.play({track, clock.boottime() + 20 * kMillisecond});
    // Another thread decodes, as the reader of an item does.
    std::thread reader([&track] {
      for (Micros pts = 0; pts < 400 * kMillisecond; pts += 20 * kMillisecond) {
        track->push({pts, std::vector<std::int16_t>(1'920, 10'000)});
      }
    });
    await([&] { return device.loud > before + 9'600; });
    reader.join();
    audio.drop(track);
    await([&] { return device.rests >= round; });
  }
  CHECK_FALSE(audio.track(/*muted=*/true));
  audio.stop();
  const int at_the_end = device.loud;
  audio.play({audio.track(false), clock.boottime()});
  CHECK(device.loud == at_the_end);
}
