// The pure half: tracks, the interpolator, and what is heard of them at which moment.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <numbers>

#include "audio_follower.hpp"
#include "audio_timeline.hpp"

using namespace vitrine;

namespace {

constexpr Micros kStart = 1000 * kSecond;

// A tone whose sample says when it is due, so that whoever hears it can tell how far it is off.
std::int16_t tone_at(std::int64_t frame, double hz = 220) {
  const double turn = 2 * std::numbers::pi * hz * static_cast<double>(frame) / kAudioRate;
  return static_cast<std::int16_t>(std::lrint(26'000 * std::sin(turn + 1)));
}

AudioChunk tone(Micros pts, Micros length, double hz = 220) {
  AudioChunk chunk{pts, {}};
  const std::int64_t first = audio_frames(pts);
  for (std::int64_t i = 0; i < audio_frames(length); ++i) {
    chunk.samples.insert(chunk.samples.end(), 2, tone_at(first + i, hz));
  }
  return chunk;
}

std::shared_ptr<AudioTrack> track_of(std::initializer_list<AudioChunk> chunks) {
  auto track = std::make_shared<AudioTrack>();
  for (const AudioChunk& chunk : chunks) track->push(chunk);
  track->end();
  return track;
}

// What a perfect device hears of `follower`, in blocks of 10 ms.
std::vector<int> heard(AudioFollower& follower, Micros from, Micros until) {
  std::vector<int> left;
  for (Micros at = from; at < until; at += 10 * kMillisecond) {
    std::vector<std::int16_t> block(960);
    follower.render(at, at, block);
    for (std::size_t i = 0; i < block.size(); i += 2) {
      left.push_back(block[i]);
      CHECK(block[i + 1] == block[i]);
    }
  }
  return left;
}

int largest_step(const std::vector<int>& left) {
  int largest = 0;
  for (std::size_t i = 1; i < left.size(); ++i) {
    largest = std::max(largest, std::abs(left[i] - left[i - 1]));
  }
  return largest;
}

int loudest(const std::vector<int>& left, Micros from, Micros until) {
  int loudest = 0;
  for (std::int64_t i = audio_frames(from); i < audio_frames(until); ++i) {
    loudest = std::max(loudest, std::abs(left.at(static_cast<std::size_t>(i))));
  }
  return loudest;
}

// A 220 Hz tone of this loudness steps 750 a sample by itself, and a fade of 5 ms adds 110.
constexpr int kNoClick = 1'000;

}  // namespace

TEST_CASE("a track is heard from its anchor on, sample for sample") {
  AudioFollower follower;
  follower.play({track_of({tone(0, kSecond)}), kStart + 100 * kMillisecond});
  const auto left = heard(follower, kStart, kStart + 600 * kMillisecond);
  CHECK(loudest(left, 0, 99 * kMillisecond) == 0);
  for (std::int64_t i = audio_frames(110 * kMillisecond); i < audio_frames(600 * kMillisecond);
       ++i) {
    const int due = tone_at(i - audio_frames(100 * kMillisecond));
    REQUIRE(std::abs(left[static_cast<std::size_t>(i)] - due) <= 2);
  }
  CHECK(largest_step(left) < kNoClick);
  CHECK(std::abs(follower.offset()) < kMillisecond);
}

TEST_CASE("a seam in the middle of two loud tones clicks without fades and not with them") {
  for (const Micros fade : {Micros{0}, 5 * kMillisecond}) {
    AudioFollower follower(fade);
    const Micros seam = kStart + 301'250;
    auto before = track_of({tone(0, kSecond)});
    follower.play({before, kStart, seam});
    follower.play({track_of({tone(0, kSecond, 180)}), seam});
    const auto left = heard(follower, kStart, kStart + 2 * kSecond);
    CAPTURE(fade);
    if (fade == 0) {
      CHECK(largest_step(left) > 15'000);
    } else {
      CHECK(largest_step(left) < kNoClick);
    }
    CHECK(loudest(left, 310 * kMillisecond, 400 * kMillisecond) > 25'000);
    CHECK_FALSE(before->wants());
    // The end of the track, too.
    CHECK(loudest(left, 1'310 * kMillisecond, 2 * kSecond) == 0);
  }
}

TEST_CASE("what is cut, taken off or replaced fades out") {
  AudioFollower follower;
  auto track = track_of({tone(0, 5 * kSecond)});
  follower.play({track, kStart, kStart + 500 * kMillisecond});
  auto left = heard(follower, kStart, kStart + 700 * kMillisecond);
  CHECK(loudest(left, 480 * kMillisecond, 494 * kMillisecond) > 25'000);
  CHECK(loudest(left, 501 * kMillisecond, 700 * kMillisecond) == 0);
  CHECK(largest_step(left) < kNoClick);
  CHECK(follower.silent());

  track = track_of({tone(0, 5 * kSecond)});
  follower.play({track, kStart});
  left = heard(follower, kStart, kStart + 300 * kMillisecond);
  follower.drop(track);
  const auto rest = heard(follower, kStart + 300 * kMillisecond, kStart + 500 * kMillisecond);
  CHECK(loudest(rest, 6 * kMillisecond, 200 * kMillisecond) == 0);
  left.insert(left.end(), rest.begin(), rest.end());
  CHECK(largest_step(left) < kNoClick);
  CHECK(follower.silent());
}

TEST_CASE("what was announced and dropped is never heard") {
  AudioFollower follower;
  auto now = track_of({tone(0, 2 * kSecond)});
  auto next = track_of({tone(0, 2 * kSecond)});
  follower.play({now, kStart, kStart + kSecond});
  follower.play({next, kStart + kSecond});
  heard(follower, kStart, kStart + 500 * kMillisecond);
  follower.drop(next);
  const auto left = heard(follower, kStart + 500 * kMillisecond, kStart + 2 * kSecond);
  CHECK(loudest(left, 0, 400 * kMillisecond) > 25'000);
  CHECK(loudest(left, 501 * kMillisecond, 1'500 * kMillisecond) == 0);
}

TEST_CASE("a track that is a little off is bent back by at most half a percent") {
  AudioFollower follower;
  auto track = track_of({tone(0, 30 * kSecond)});
  follower.play({track, kStart});
  heard(follower, kStart, kStart + kSecond);
  follower.play({track, kStart + 30 * kMillisecond});  // it is 30 ms ahead now
  std::vector<int> left;
  double most = 0;
  for (int second = 1; second < 20; ++second) {
    const auto more = heard(follower, kStart + second * kSecond, kStart + (second + 1) * kSecond);
    left.insert(left.end(), more.begin(), more.end());
    most = std::max(most, std::abs(follower.stretch()));
    if (second == 1) CHECK(follower.offset() > 20 * kMillisecond);
  }
  CHECK(most <= AudioFollower::kMostStretch);
  CHECK(std::abs(follower.offset()) < 2 * kMillisecond);
  CHECK(largest_step(left) < kNoClick);
}

TEST_CASE("a track that is far off jumps, and the jump is faded") {
  for (const Micros off : {-300 * kMillisecond, 300 * kMillisecond}) {
    AudioFollower follower;
    auto track = track_of({tone(0, 5 * kSecond)});
    follower.play({track, kStart});
    auto left = heard(follower, kStart, kStart + kSecond);
    follower.play({track, kStart + off});
    const auto rest = heard(follower, kStart + kSecond, kStart + 2 * kSecond);
    left.insert(left.end(), rest.begin(), rest.end());
    CAPTURE(off);
    CHECK(std::abs(follower.offset()) < kMillisecond);
    CHECK(largest_step(left) < kNoClick);
    CHECK(loudest(left, 1'400 * kMillisecond, 2 * kSecond) > 25'000);
  }
}

TEST_CASE("a picture held too long silences its sound, which is in step when it goes on") {
  AudioFollower follower;
  auto track = track_of({tone(0, 5 * kSecond)});
  follower.play({track, kStart, kAbsent, kStart + kSecond});
  auto left = heard(follower, kStart, kStart + 2 * kSecond);
  CHECK(loudest(left, 1'100 * kMillisecond, 1'149 * kMillisecond) > 25'000);
  CHECK(loudest(left, 1'170 * kMillisecond, 2 * kSecond) == 0);
  follower.play({track, kStart, kAbsent, kStart + 10 * kSecond});
  const auto rest = heard(follower, kStart + 2 * kSecond, kStart + 3 * kSecond);
  left.insert(left.end(), rest.begin(), rest.end());
  CHECK(loudest(left, 2'010 * kMillisecond, 3 * kSecond) > 25'000);
  CHECK(std::abs(follower.offset()) < kMillisecond);
  CHECK(largest_step(left) < kNoClick);
}

TEST_CASE("a reader that is late leaves a hole with soft edges") {
  AudioFollower follower;
  auto track = std::make_shared<AudioTrack>();
  track->push(tone(0, 400 * kMillisecond));
  follower.play({track, kStart});
  auto left = heard(follower, kStart, kStart + 600 * kMillisecond);
  CHECK(loudest(left, 402 * kMillisecond, 600 * kMillisecond) == 0);
  track->push(tone(400 * kMillisecond, kSecond));
  const auto rest = heard(follower, kStart + 600 * kMillisecond, kStart + 900 * kMillisecond);
  left.insert(left.end(), rest.begin(), rest.end());
  CHECK(loudest(left, 610 * kMillisecond, 900 * kMillisecond) > 25'000);
  CHECK(std::abs(follower.offset()) < kMillisecond);
  CHECK(largest_step(left) < kNoClick);
}

TEST_CASE("holes and steps in a track's own time are kept, roundings are not") {
  AudioFollower follower;
  AudioChunk rounded = tone(100 * kMillisecond, 200 * kMillisecond);
  rounded.pts += kMillisecond;
  auto track = track_of(
      {tone(-50 * kMillisecond, 150 * kMillisecond), rounded, tone(600 * kMillisecond, kSecond)});
  follower.play({track, kStart});
  const auto left = heard(follower, kStart, kStart + kSecond);
  CHECK(loudest(left, 95 * kMillisecond, 105 * kMillisecond) > 20'000);
  CHECK(loudest(left, 310 * kMillisecond, 599 * kMillisecond) == 0);
  CHECK(loudest(left, 610 * kMillisecond, kSecond) > 25'000);
  CHECK(largest_step(left) < kNoClick);
}

TEST_CASE("what was replaced at a seam does not come back") {
  AudioFollower follower;
  auto before = track_of({tone(0, 5 * kSecond)});
  auto after = track_of({tone(0, 5 * kSecond)});
  follower.play({before, kStart});
  follower.play({after, kStart + kSecond});
  heard(follower, kStart, kStart + 1'100 * kMillisecond);
  follower.play({before, kStart, kAbsent, kStart + 2 * kSecond});  // its picture stood longer
  follower.play({after, kStart + 1'200 * kMillisecond});
  const auto left = heard(follower, kStart + 1'100 * kMillisecond, kStart + 1'500 * kMillisecond);
  CHECK(loudest(left, 10 * kMillisecond, 100 * kMillisecond) == 0);
  CHECK(loudest(left, 210 * kMillisecond, 400 * kMillisecond) > 25'000);
  CHECK(std::abs(follower.offset()) < kMillisecond);
}

TEST_CASE(
    "what is announced before the end of another, and again after it, is heard from its start") {
  AudioFollower follower;
  auto before = track_of({tone(0, 5 * kSecond)});
  auto after = track_of({tone(0, 5 * kSecond)});
  follower.play({before, kStart, kStart + 500 * kMillisecond});
  follower.play({after, kStart + kSecond});
  heard(follower, kStart, kStart + 700 * kMillisecond);
  follower.play({after, kStart + kSecond, kStart + 2 * kSecond});
  const auto left = heard(follower, kStart + 700 * kMillisecond, kStart + 2 * kSecond);
  CHECK(loudest(left, 0, 299 * kMillisecond) == 0);
  CHECK(loudest(left, 310 * kMillisecond, kSecond) > 25'000);
}

TEST_CASE("between samples a tone is a tone, treble too") {
  const Interpolator interpolator;
  for (const double hz : {1'000.0, 10'000.0, 15'000.0}) {
    double worst = 0;
    for (int i = 0; i < 500; ++i) {
      std::vector<std::int16_t> frames;
      for (int tap = -Interpolator::kBefore; tap <= Interpolator::kAfter; ++tap) {
        frames.insert(frames.end(), 2, tone_at(i + tap, hz));
      }
      const double fraction = (i % 97) / 97.0;
      const double turn = 2 * std::numbers::pi * hz * (i + fraction) / kAudioRate;
      const double due = 26'000 * std::sin(turn + 1);
      const auto got = interpolator.at(frames.data() + Interpolator::kBefore * 2, fraction);
      worst = std::max(worst, std::abs(static_cast<double>(got[0]) - due));
    }
    CAPTURE(hz);
    CHECK(worst < (hz < 12'000 ? 26 : 800));  // -60 dB, -30 dB
  }
}

TEST_CASE("the device's steps are smoothed, a break of it is followed at once") {
  AudioTimeline timeline;
  Micros now = kStart;
  for (int i = 0; i < 300; ++i, now += 10 * kMillisecond) {
    timeline.follow(now + 80 * kMillisecond + (i % 2 == 0 ? 5 : -5) * kMillisecond);
    if (i > 100) CHECK(std::abs(timeline.heard_at() - now - 80 * kMillisecond) < kMillisecond);
    timeline.wrote(480);
  }
  timeline.follow(now + 400 * kMillisecond);
  CHECK(timeline.heard_at() == now + 400 * kMillisecond);
}

TEST_CASE("a track holds half a second and asks for no more") {
  AudioTrack track;
  int pushed = 0;
  while (track.wants()) track.push(tone(pushed++ * 20 * kMillisecond, 20 * kMillisecond));
  CHECK(pushed == 25);
  CHECK_FALSE(track.low());
  std::vector<std::int16_t> out;
  CHECK(track.next_stretch() == 0);
  CHECK(track.pull(out, audio_frames(400 * kMillisecond)) == audio_frames(400 * kMillisecond));
  CHECK(track.low());
  CHECK_FALSE(track.next_stretch());
  track.leave();
  CHECK_FALSE(track.wants());
}
