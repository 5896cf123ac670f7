// Sound as a source hands it out, beside its pictures.
#include <doctest/doctest.h>

#include <cmath>

#include "clips.hpp"
#include "player/source.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

struct Opened {
  std::unique_ptr<MediaSource> source;
  PicturePool pool{160, 90};
  int pictures = 0;
  std::int64_t frames = 0;  // of sound
  Micros first_pts = kAbsent, last_end = 0;
  double energy = 0;
  std::vector<std::string> errors;

  explicit Opened(const fs::path& path) {
    SourceOptions options;
    options.audio = true;
    auto opened = open_media_source(path, options);
    REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message));
    source = std::move(*opened);
    REQUIRE(picture());
  }
  bool picture() {
    auto read = source->read(pool);
    REQUIRE(read);
    pictures += read->has_value();
    return read->has_value();
  }
  AudioRead sound() {
    AudioChunk chunk;
    auto read = source->read_audio(chunk);
    if (!read) {
      errors.push_back(read.error().message);
      return AudioRead::chunk;
    }
    if (*read != AudioRead::chunk) return *read;
    if (first_pts == kAbsent) first_pts = chunk.pts;
    frames += chunk.frames();
    last_end = chunk.pts + audio_length(chunk.frames());
    for (const std::int16_t sample : chunk.samples) energy += double(sample) * sample;
    return *read;
  }
  double loudness() const { return std::sqrt(energy / static_cast<double>(2 * frames)); }
};

fs::path with_sound(const std::string& name, const std::string& codec,
                    const std::string& more = "") {
  return made(name,
              "-f lavfi -i testsrc2=s=160x90:r=25:d=2 -f lavfi -i "
              "\"aevalsrc='0.5*sin(2*PI*440*t)':s=44100:d=2\" -c:v libx264 -preset veryfast "
              "-pix_fmt yuv420p -threads 1 -c:a " +
                  codec + " " + more);
}

}  // namespace

TEST_CASE("every codec of sound that is named comes as 48 kHz stereo, in time and in full") {
  const std::pair<std::string, std::string> kinds[] = {{"s-aac.mp4", "aac"},
                                                       {"s-mp3.mp4", "libmp3lame"},
                                                       {"s-opus.mkv", "libopus -ar 48000"},
                                                       {"s-vorbis.mkv", "libvorbis"},
                                                       {"s-flac.mkv", "flac"},
                                                       {"s-pcm.mov", "pcm_s16le"},
                                                       {"s-pcm24.mkv", "pcm_s24le"},
                                                       {"s-ac3.mp4", "ac3"},
                                                       {"s-six.mkv", "aac -ac 6"},
                                                       {"s-float.mov", "pcm_f32le"}};
  for (const auto& [name, codec] : kinds) {
    CAPTURE(name);
    Opened file(with_sound(name, codec));
    AudioRead last = AudioRead::chunk;
    do {
      last = file.sound();
      if (last == AudioRead::chunk && file.frames > audio_frames(file.pictures * 40'000)) {
        file.picture();
      }
    } while (last != AudioRead::end);
    while (file.picture()) {
    }
    CHECK(file.errors.empty());
    CHECK(file.pictures == 50);
    CHECK(std::abs(file.first_pts) <= 60 * kMillisecond);
    CHECK(std::abs(file.last_end - 2 * kSecond) <= 60 * kMillisecond);
    CHECK(std::abs(audio_length(file.frames) - 2 * kSecond) <= 110 * kMillisecond);
    // A sine of a half has 0.354, one channel in two 0.25, the middle one of six less.
    CHECK(file.loudness() > (name == "s-six.mkv" ? 0.08 : 0.2) * 32767);
    CHECK(file.loudness() < 0.4 * 32767);
  }
}

TEST_CASE("in whatever order sound and pictures are asked for, both come whole") {
  const fs::path path = with_sound("s-aac.mp4", "aac");
  Opened sound_first(path);
  while (sound_first.sound() != AudioRead::end) {
  }
  while (sound_first.picture()) {
  }
  Opened pictures_first(path);
  while (pictures_first.picture()) {
  }
  while (pictures_first.sound() != AudioRead::end) {
  }
  CHECK(sound_first.pictures == 50);
  CHECK(pictures_first.pictures == 50);
  CHECK(sound_first.frames == pictures_first.frames);
  CHECK(audio_length(sound_first.frames) >= 1'950 * kMillisecond);
}

TEST_CASE("sound does not read without end ahead of the pictures") {
  // 20 Mbit and more of noise.
  const fs::path path =
      made("heavy.mkv",
           "-f lavfi -i \"nullsrc=s=320x180:r=25:d=6,geq=random(1)*255:128:128\" -f lavfi -i "
           "sine=d=6 -c:v mjpeg -q:v 2 -pix_fmt yuvj420p -threads 1 -c:a aac");
  REQUIRE(fs::file_size(path) > 6 << 20);
  Opened file(path);
  int waits = 0;
  for (;;) {
    const AudioRead read = file.sound();
    if (read == AudioRead::end) break;
    if (read == AudioRead::chunk) continue;
    ++waits;
    REQUIRE(file.picture());
  }
  CHECK(waits > 0);
  while (file.picture()) {
  }
  CHECK(file.pictures == 150);
  CHECK(audio_length(file.frames) >= 5'950 * kMillisecond);
}

TEST_CASE("more sound ahead of its pictures than is kept is lost, told once, and nothing else is") {
  const fs::path path = made("wide.mkv",
                             "-f lavfi -i testsrc2=s=160x90:r=25:d=12 -f lavfi -i sine=d=12 -c:v "
                             "libx264 -preset veryfast -pix_fmt yuv420p -threads 1 -c:a pcm_f32le "
                             "-ac 2 -ar 48000");
  Opened file(path);
  while (file.picture()) {
  }
  AudioRead last = AudioRead::chunk;
  while (last != AudioRead::end) last = file.sound();
  CHECK(file.pictures == 300);
  CHECK(file.errors.size() == 1);
  CHECK(audio_length(file.frames) > 4 * kSecond);
  CHECK(audio_length(file.frames) < 8 * kSecond);
}

TEST_CASE("damaged or foreign sound is an error that ends, and costs no picture") {
  const fs::path good = with_sound("s-aac.mp4", "aac");
  const fs::path damaged =
      made("s-noisy.mkv", "-i " + good.string() + " -c copy -bsf:a noise=amount=20");
  const fs::path foreign = made("s-foreign.mkv", "-i " + good.string() + " -c:v copy -c:a wmav2");
  for (const fs::path& path : {damaged, foreign}) {
    CAPTURE(path);
    Opened file(path);
    while (file.sound() != AudioRead::end) {
    }
    CHECK_FALSE(file.errors.empty());
    while (file.picture()) {
    }
    CHECK(file.pictures == 50);
  }
}

TEST_CASE("a file that is cut in its last sound keeps all its pictures") {
  // The sound is the longer one, and its index stands in front.
  const fs::path whole =
      made("s-front.mp4", "-i " + with_sound("s-aac.mp4", "aac").string() +
                              " -c:v copy -af apad=pad_dur=1 -c:a aac -movflags +faststart");
  Opened file(truncated(whole, 995));
  while (file.sound() != AudioRead::end) {
  }
  while (file.picture()) {
  }
  CHECK(file.pictures == 50);
  CHECK(file.last_end > 1'900 * kMillisecond);
}

TEST_CASE("whoever does not ask for sound gets none") {
  auto opened = open_media_source(with_sound("s-aac.mp4", "aac"), {});
  REQUIRE(opened);
  PicturePool pool(160, 90);
  REQUIRE((*opened)->read(pool));
  AudioChunk chunk;
  auto read = (*opened)->read_audio(chunk);
  REQUIRE(read);
  CHECK(*read == AudioRead::end);
}
