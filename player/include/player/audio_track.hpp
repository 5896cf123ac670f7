// The sound of one item on its way from the reader that decodes it to the thread that plays it. At
// most half a second and one decoded packet more. One writer, one listener, on any two threads.
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "player/audio_output.hpp"

namespace vitrine {

// Decoded sound: interleaved frames, the first of them due `pts` after the first frame of the
// video (before it, when negative).
struct AudioChunk {
  Micros pts = 0;
  std::vector<std::int16_t> samples;
  std::int64_t frames() const { return static_cast<std::int64_t>(samples.size()) / kAudioChannels; }
};

class AudioTrack {
 public:
  // --- the writer's ---
  // Less than half a second lies here, and the listener still listens.
  bool wants() const;
  // Less than a fifth of a second: this comes before the next picture.
  bool low() const;
  // A chunk that begins within 5 ms of where the one before ended is joined to it: container times
  // are rounded. Any other begins a new stretch.
  void push(AudioChunk chunk);
  void end();  // nothing more comes

  // --- the listener's ---
  // Appends up to `most` frames of the stretch now being read; returns how many.
  std::int64_t pull(std::vector<std::int16_t>& out, std::int64_t most);
  // Goes on to the next stretch, once the one before is all read: the pts of its first frame.
  // nullopt while there is none.
  std::optional<Micros> next_stretch();
  // It is read no more, and what lies here goes.
  void leave();

 private:
  mutable std::mutex mutex_;
  struct Piece {
    AudioChunk chunk;
    std::int64_t read = 0;  // frames of it
    bool joined = false;    // to the piece before it
  };
  std::deque<Piece> pieces_;
  std::int64_t waiting_ = 0;  // frames
  bool ended_ = false;
  bool left_ = false;
  // Of the stretch being written: exact, so that many small roundings do not add up.
  std::optional<Micros> stretch_pts_;
  std::int64_t stretch_frames_ = 0;
};

}  // namespace vitrine
