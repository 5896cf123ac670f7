// Sound that follows the picture: what is to be heard at each moment, given when the item's first
// frame was flipped and when the device will be heard. The video is the master: a track that is off
// is played up to 0.5 % faster or slower, which nobody hears; one that is off by more than 40 ms
// jumps. Every beginning, end and jump is faded within 5 ms, so that nothing clicks. Pure: no
// clock, device or thread.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "interpolator.hpp"
#include "player/audio_player.hpp"

namespace vitrine {

class AudioFollower {
 public:
  static constexpr double kMostStretch = 0.005;
  static constexpr Micros kJumpBeyond = 40 * kMillisecond;
  static constexpr Micros kHeldBeyond = 150 * kMillisecond;

  explicit AudioFollower(Micros fade = 5 * kMillisecond);

  // The part whose track this is changes its times; any other replaces what was to follow, and
  // takes over at its anchor.
  void play(AudioPart part);
  // It is heard no more: it fades, or what was to follow does not.
  void drop(const std::shared_ptr<AudioTrack>& track);

  // What the device gets next: interleaved frames, of which the first will be heard at `heard_at`.
  void render(Micros now, Micros heard_at, std::span<std::int16_t> samples);

  // Nothing is heard and nothing is to come.
  bool silent() const { return gain_ == 0 && !now_.track && !next_; }
  // Enough of the track that is heard and of the one that follows lies ready, or never will.
  bool settled() const;
  // How much faster than written the track is played, and how far it was off: for people and tests.
  double stretch() const { return stretch_; }
  Micros offset() const { return offset_; }

 private:
  void change_over(Micros at);
  bool wanted_silent(Micros now, Micros at) const;
  bool align(Micros wanted);
  void fill();
  void steer(Micros wanted);
  void sound(std::span<std::int16_t> samples, bool fading);
  std::int64_t ahead() const;  // frames that can be played from place_ on
  Micros pts_here() const;

  Interpolator interpolator_;
  Micros fade_;
  float step_;  // of the gain, a frame
  AudioPart now_;
  std::optional<AudioPart> next_;
  std::weak_ptr<AudioTrack> replaced_;  // by now_
  // Of the stretch being read: some frames that were played, then those to be played.
  std::vector<std::int16_t> window_;
  Micros stretch_pts_ = 0;  // of the stretch's first frame
  // Frames of the stretch before window_; below zero while the window begins with made-up silence.
  std::int64_t window_begins_ = 0;
  double place_ = 0;  // in window_, frames
  bool reading_ = false;
  float gain_ = 0;
  double stretch_ = 0;
  Micros offset_ = 0;
};

}  // namespace vitrine
