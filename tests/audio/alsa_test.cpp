// The ALSA output against libasound's own plugins, for there is no sound card here: "file" keeps
// what is written and hands it to "null", which takes all at once.
#include <doctest/doctest.h>

#include <cstdlib>

#include "manual_clock.hpp"
#include "platform/file.hpp"
#include "player/audio_output.hpp"
#include "temp_directory.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

std::vector<std::int16_t> ramp(std::int64_t frames) {
  std::vector<std::int16_t> samples;
  for (std::int64_t i = 0; i < frames * kAudioChannels; ++i) {
    samples.push_back(static_cast<std::int16_t>(i * 7));
  }
  return samples;
}

// libasound reads its configuration again when the file has changed.
void configure(const fs::path& file, const std::string& body) {
  REQUIRE(write_atomic(file, body));
  REQUIRE(::setenv("ALSA_CONFIG_PATH", file.c_str(), 1) == 0);
}

std::string keeping(const fs::path& heard) {
  return "pcm.kept { type file slave.pcm { type null } file \"" + heard.string() +
         "\" format raw }\n";
}

}  // namespace

TEST_CASE("ALSA gets the frames that were written, in their order") {
  const TempDirectory directory;
  const fs::path heard = directory / "heard.raw";
  configure(directory / "asound.conf", keeping(heard));
  ManualClock clock;
  const auto samples = ramp(4'800);
  {
    auto alsa = make_alsa_audio(clock, "kept");
    CHECK(alsa->look().heard_at >= clock.boottime());
    CHECK(alsa->audible());
    std::size_t done = 0;
    while (done < samples.size()) {
      const std::size_t taken = alsa->write(
          std::span(samples).subspan(done, std::min<std::size_t>(960, samples.size() - done)));
      REQUIRE(taken > 0);
      done += taken * kAudioChannels;
      // "null" has no clock, so ours is taken.
      CHECK(alsa->look().queued == taken);
      CHECK(alsa->look().heard_at == clock.boottime() + 10 * kMillisecond);
      clock.advance(10 * kMillisecond);
    }
    alsa->rest();
    CHECK(alsa->write(ramp(48)) == 48);  // and goes on after a rest
  }
  const auto kept = read_text(heard);
  REQUIRE(kept);
  REQUIRE(kept->size() >= samples.size() * 2);
  CHECK(std::equal(samples.begin(), samples.end(),
                   reinterpret_cast<const std::int16_t*>(kept->data())));
}

TEST_CASE("without its device the sound goes nowhere at the clock's rate, and comes back") {
  const TempDirectory directory;
  configure(directory / "asound.conf", "pcm.other { type null }\n");
  ManualClock clock;
  auto alsa = make_alsa_audio(clock, "kept");
  CHECK(alsa->audible());  // until somebody has looked
  alsa->look();
  CHECK_FALSE(alsa->audible());
  CHECK(alsa->write(ramp(4'800)) == 4'800);
  CHECK(alsa->look().queued == 4'800);
  clock.advance(40 * kMillisecond);
  CHECK(alsa->look().queued == 2'880);
  CHECK(alsa->look().heard_at == clock.boottime() + 60 * kMillisecond);

  configure(directory / "asound.conf", keeping(directory / "heard.raw") + "# plugged in\n");
  alsa->look();
  CHECK_FALSE(alsa->audible());  // not asked for so soon
  clock.advance(10 * kSecond);
  alsa->look();
  CHECK(alsa->audible());
}
