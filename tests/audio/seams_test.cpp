// Picture and sound of the whole presenter, in its test's own time: a device whose crystal is off
// keeps what it played, an output when it flipped.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <thread>
#include <utility>

#include "clips.hpp"
#include "drifting_audio.hpp"
#include "player/audio_player.hpp"
#include "presenter_support.hpp"
#include "sanitized.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

// A flash and a click each second, the first after 400 ms.
fs::path marked(const std::string& name, int fps, int seconds, const std::string& codecs,
                const std::string& rate = "48000") {
  const std::string length = ":d=" + std::to_string(seconds);
  return made(name, "-f lavfi -i color=black:s=160x90:r=" + std::to_string(fps) + length +
                        " -f lavfi -i \"aevalsrc='0.9*sin(2*PI*1000*t)*lt(mod(t+0.6,1),0.02)':s=" +
                        rate + length +
                        "\" -vf \"drawbox=t=fill:color=white:enable='lt(mod(t+0.6001,1),0.1)'\" "
                        "-pix_fmt yuv420p -threads 1 " +
                        codecs);
}

// Nothing but a loud tone that stops anywhere.
fs::path toned(int hz, const std::string& seconds) {
  return made("tone-" + std::to_string(hz) + "-" + seconds + ".mkv",
              "-f lavfi -i testsrc2=s=160x90:r=25:d=" + seconds +
                  " -f lavfi -i \"aevalsrc='0.8*sin(2*PI*" + std::to_string(hz) +
                  "*t+1)':s=48000:d=" + seconds +
                  "\" -c:v libx264 -preset veryfast -pix_fmt yuv420p -threads 1 -c:a flac");
}

// Remembers when the picture turned bright.
class FlashOutput final : public Output {
 public:
  explicit FlashOutput(const Clock& clock)
      : inner_(*make_headless_output(clock, {.width = 160, .height = 90})) {}
  int width() const override { return 160; }
  int height() const override { return 90; }
  Micros vblank_period() const override { return inner_->vblank_period(); }
  std::uint32_t display_bits() const override { return 0; }
  Micros vblank_at_or_after(Micros at) const override { return inner_->vblank_at_or_after(at); }
  Result<Flip> flip(const Picture& picture, Micros target) override {
    auto flip = inner_->flip(picture, target);
    const bool bright = picture.y[picture.y_stride * 45 + 80] > 128;
    if (flip && bright && !bright_) flashes.push_back(flip->at);
    bright_ = bright;
    return flip;
  }

  std::vector<Micros> flashes;

 private:
  std::unique_ptr<Output> inner_;
  bool bright_ = false;
};

// Counts itself once as soon as its first frame lies ready, or never will. Sound is read after that
// frame was handed over; where none is wanted, nobody waits for what is heard at the seam.
class CountedSource final : public MediaSource {
 public:
  CountedSource(std::unique_ptr<MediaSource> inner, bool audio, std::atomic<std::uint64_t>& opened)
      : inner_(std::move(inner)), audio_(audio), opened_(opened) {}
  ~CountedSource() override { count(); }
  const MediaInfo& info() const override { return inner_->info(); }
  Result<std::optional<Frame>> read(PicturePool& pool) override {
    auto frame = inner_->read(pool);
    if (!audio_) count();
    return frame;
  }
  Result<AudioRead> read_audio(AudioChunk& chunk) override {
    count();
    return inner_->read_audio(chunk);
  }

 private:
  void count() {
    if (!std::exchange(counted_, true)) ++opened_;
  }
  std::unique_ptr<MediaSource> inner_;
  bool audio_, counted_ = false;
  std::atomic<std::uint64_t>& opened_;
};

struct AudioRig {
  AudioRig(std::vector<ScriptItem> script, double ppm)
      : device(clock, ppm), audio(clock, device), programme(std::move(script)), output(clock) {
    programme.on_exhausted = [this] { running->request_stop(); };
    options.audio = &audio;
    options.open = [this](const fs::path& path,
                          const SourceOptions& wanted) -> Result<std::unique_ptr<MediaSource>> {
      auto source = open_media_source(path, wanted);
      if (!source) {
        ++opened;
        return source;
      }
      return std::unique_ptr<MediaSource>(
          new CountedSource(std::move(*source), wanted.audio, opened));
    };
    clock.on_step = [this] {
      // Opening and decoding take none of this clock's time; they are waited for, as long as it
      // makes sense.
      const auto ready = [this] { return opened >= programme.tickets() && audio.settled(); };
      for (int tries = 0; !ready() && tries < 10'000; ++tries) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      audio.tick();
    };
  }
  void run() {
    Presenter presenter(clock, output, programme, options);
    running = &presenter;
    presenter.run();
    clock.sleep_until(clock.boottime() + 300 * kMillisecond);
  }
  std::vector<Micros> clicks() const {
    std::vector<Micros> found;
    std::int64_t last_loud = -kAudioRate;
    for (std::int64_t i = 0; i < device.frames(); ++i) {
      if (std::abs(device.left(i)) < 8'000) continue;
      if (i - last_loud > kAudioRate / 4) found.push_back(device.heard_at(i));
      last_loud = i;
    }
    return found;
  }

  SteppedClock clock;
  DriftingAudio device;
  AudioPlayer audio;
  ScriptedProgramme programme;
  FlashOutput output;
  PresenterOptions options;
  Presenter* running = nullptr;
  std::atomic<std::uint64_t> opened = 0;
};

const std::string kH264 = "-c:v libx264 -preset veryfast -bf 2 ";

}  // namespace

TEST_CASE("more than a minute on a device that drifts: each click within 40 ms of its flash") {
  const fs::path aac = marked("marked-aac.mp4", 25, 12, kH264 + "-c:a aac -ac 1", "44100");
  const fs::path opus = marked("marked-opus.webm", 30, 8,
                               "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus");
  const fs::path flac = marked("marked-flac.mkv", 25, 9, kH264 + "-c:a flac");
  const fs::path mp3 = marked("marked-mp3.mp4", 30, 10, kH264 + "-c:a libmp3lame", "44100");
  const fs::path silent =
      made("dark.mp4", "-f lavfi -i color=black:s=160x90:r=30:d=4 -pix_fmt yuv420p -threads 1");
  const fs::path dark = still("dark.png", "color=black:s=160x90");
  // One item is not anchored anew: 2,000 ppm alone would be 140 ms at its end.
  const fs::path whole = marked("marked-long.mp4", 25, 70, kH264 + "-c:a aac");
  const std::vector<ScriptItem> mixed = {
      {aac}, {opus}, {silent}, {flac, 6'700 * kMillisecond}, {dark, 2 * kSecond},
      {mp3}, {aac},  {flac}};
  const std::pair<std::vector<ScriptItem>, double> plays[] = {
      {mixed, 200},   {mixed, -200},      {mixed, 2'000},     {mixed, -2'000},
      {{{whole}}, 0}, {{{whole}}, 2'000}, {{{whole}}, -2'000}};
  for (const auto& [script, ppm] : plays) {
    if (kSanitized && ppm != 2'000) continue;
    CAPTURE(script.size());
    CAPTURE(ppm);
    AudioRig rig(script, ppm);
    rig.run();
    const auto clicks = rig.clicks();
    const auto& flashes = rig.output.flashes;
    CHECK(flashes.back() - flashes.front() >= 60 * kSecond);
    REQUIRE(clicks.size() == flashes.size());
    Micros worst = 0;
    Micros mean = 0;
    for (std::size_t i = 0; i < clicks.size(); ++i) {
      const Micros off = clicks[i] - flashes[i];
      worst = std::max(worst, std::abs(off));
      mean += off / static_cast<Micros>(clicks.size());
    }
    MESSAGE(script.size(), " items, drift ", ppm, " ppm: ", clicks.size(),
            " markers, worst offset ", worst, " us, mean ", mean, " us");
    CHECK(worst <= 40 * kMillisecond);
    CHECK(rig.device.ran_dry == 0);
    CHECK(rig.programme.ends.size() == script.size());
    for (const auto& [ticket, figures] : rig.programme.ends) {
      CHECK(figures.error.empty());
      CHECK(figures.frames_dropped == 0);
      CHECK(figures.gap_before == 0);
    }
  }
}

TEST_CASE("seams of loud tones, cut anywhere, do not click") {
  const fs::path low = toned(220, "3");
  const fs::path lower = toned(180, "2.2");
  const fs::path silent = clip("libx264", 30, 40);
  AudioRig rig({{low, 1'337 * kMillisecond},
                {lower},
                {low},
                {silent},
                {low, 777 * kMillisecond},
                {still("plain.png"), kSecond},
                {lower, 1'111 * kMillisecond},
                {low, 5 * kSecond}},
               300);
  rig.run();
  REQUIRE(rig.programme.ends.size() == 8);
  CHECK(rig.device.loudest(0, INT64_MAX) > 15'000);
  MESSAGE("largest step from sample to sample: ", rig.device.largest_step());
  CHECK(rig.device.largest_step() < 800);  // the higher tone alone steps 534, a fade adds 77
  // Sound stands up to the seam, and from it on.
  const PlayFigures& second = rig.programme.ends[1].second;
  CHECK(rig.device.loudest(second.first_flip - 20 * kMillisecond,
                           second.first_flip - 6 * kMillisecond) > 15'000);
  CHECK(rig.device.loudest(second.first_flip + 6 * kMillisecond,
                           second.first_flip + 20 * kMillisecond) > 15'000);
  // Nothing stands beside an item that has no sound, or is over.
  const PlayFigures& mute = rig.programme.ends[3].second;
  CHECK(rig.device.loudest(mute.first_flip + 10 * kMillisecond, mute.ended - 10 * kMillisecond) ==
        0);
}

TEST_CASE("what is muted, or heard by nobody, is not even decoded") {
  const fs::path tone = toned(220, "3");
  for (const bool audible : {true, false}) {
    CAPTURE(audible);
    AudioRig rig({{tone, 0, false, 0, CutCause::none, nullptr, /*muted=*/audible}, {tone}}, 0);
    rig.device.audible_ = audible;
    std::mutex mutex;
    std::vector<bool> asked;
    const SourceOpener open = rig.options.open;
    rig.options.open = [&](const fs::path& path, const SourceOptions& options) {
      const std::lock_guard lock(mutex);
      asked.push_back(options.audio);
      return open(path, options);
    };
    rig.run();
    REQUIRE(rig.programme.ends.size() == 2);
    CHECK(asked == std::vector<bool>{false, audible});
    const Micros seam = rig.programme.ends[1].second.first_flip;
    CHECK(rig.device.loudest(0, seam) == 0);
    CHECK((rig.device.loudest(seam, INT64_MAX) > 15'000) == audible);
  }
}

TEST_CASE("a sound that cannot be decoded is silence: its item plays to its end") {
  const fs::path good = toned(220, "3");
  const fs::path damaged =
      made("noisy.mkv", "-i " + good.string() + " -c:v copy -c:a aac -bsf:a noise=amount=20");
  const fs::path foreign = made("foreign.mkv", "-i " + good.string() + " -c:v copy -c:a wmav2");
  AudioRig rig({{damaged}, {foreign}, {good}}, 0);
  rig.run();
  REQUIRE(rig.programme.ends.size() == 3);
  for (const auto& [ticket, figures] : rig.programme.ends) {
    CHECK(figures.error.empty());
    CHECK(figures.frames_shown == 75);
    CHECK(figures.frames_dropped == 0);
  }
  const PlayFigures& mute = rig.programme.ends[1].second;
  CHECK(rig.device.loudest(mute.first_flip + 10 * kMillisecond, mute.ended - 10 * kMillisecond) ==
        0);
  CHECK(rig.device.loudest(mute.ended, INT64_MAX) > 15'000);
}

TEST_CASE("files with sound that are cut short or full of wrong bytes hurt nobody after them") {
  const std::string tone = toned(220, "3").string();
  std::vector<ScriptItem> script;
  for (const fs::path& whole :
       {made("whole.mp4", "-i " + tone + " -c:v copy -c:a aac -movflags +faststart"),
        made("whole.mkv", "-i " + tone + " -c:v copy -c:a libvorbis"),
        made("whole.mov", "-i " + tone + " -c:v copy -c:a pcm_s16le")}) {
    for (const int permille : {300, 600, 900}) {
      script.push_back({truncated(whole, permille), kSecond});
    }
    const auto body = read_text(whole);
    REQUIRE(body);
    for (std::size_t variant = 1; variant <= 3; ++variant) {
      std::string flipped = *body;
      for (std::size_t run = 0; run < variant * variant; ++run) {
        flipped[(run * 7919 + variant * 104729) % flipped.size()] ^= '\xff';
      }
      script.push_back(
          {written("flipped-" + std::to_string(variant) + whole.filename().string(), flipped),
           kSecond});
    }
  }
  script.push_back({fs::path(tone)});
  AudioRig rig(script, 0);
  rig.run();
  REQUIRE(rig.programme.ends.size() == script.size());
  const PlayFigures& last = rig.programme.ends.back().second;
  CHECK(last.error.empty());
  CHECK(last.gap_before <= 40 * kMillisecond);
  CHECK(rig.device.loudest(last.first_flip + 100 * kMillisecond, INT64_MAX) > 15'000);
}

TEST_CASE("sound that begins later, or ends sooner, than its picture stays with it") {
  const fs::path whole = marked("marked-aac.mp4", 25, 12, kH264 + "-c:a aac -ac 1", "44100");
  const fs::path late = made("late.mp4", "-i " + whole.string() + " -itsoffset 3 -i " +
                                             whole.string() + " -map 0:v -map 1:a -t 12 -c copy");
  AudioRig rig({{late}}, 500);
  rig.run();
  const auto clicks = rig.clicks();
  const auto& flashes = rig.output.flashes;
  REQUIRE(flashes.size() == 12);
  REQUIRE(clicks.size() == 9);
  for (std::size_t i = 0; i < clicks.size(); ++i) {
    CHECK(std::abs(clicks[i] - flashes[i + 3]) <= 40 * kMillisecond);
  }
}

TEST_CASE("a device that rests while nothing sounds starts again with the sound") {
  const fs::path tone = toned(220, "3");
  AudioRig rig({{clip("libx264", 30, 200)}, {tone}}, 0);
  rig.run();
  const Micros seam = rig.programme.ends[1].second.first_flip;
  CHECK(rig.device.loudest(seam + 6 * kMillisecond, seam + 50 * kMillisecond) > 15'000);
  CHECK(rig.device.largest_step() < 800);
  CHECK(rig.device.ran_dry == 0);
}

TEST_CASE("the last item's sound fades out where its picture ends") {
  // AAC fills its last packet up with silence, which is a step of its own.
  const fs::path tone =
      made("tone.mp4", "-i " + toned(220, "3").string() + " -c:v copy -c:a aac -b:a 160k");
  AudioRig rig({{tone}}, 0);
  rig.run();
  const Micros end = rig.programme.ends[0].second.ended;
  CHECK(rig.device.loudest(end - 50 * kMillisecond, end - 10 * kMillisecond) > 15'000);
  CHECK(rig.device.largest_step(end - 50 * kMillisecond, INT64_MAX) < 1'500);
}
