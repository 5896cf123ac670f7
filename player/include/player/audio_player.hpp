// The thread that plays the sound of what is on the glass. It owns the time line of the audio
// device; the presenter tells it which item has the glass from when, and never waits for it.
//
//     auto track = audio.track(muted);         // null: nobody would hear it, nothing is decoded
//     audio.play({track, expected_flip});      // ahead of the seam, so that it is on time
//     audio.play({track, flip.at, end, ...});  // at the first flip, and whenever its times change
//     audio.drop(track);                       // its item is over, however it ended
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/math.hpp"
#include "player/audio_output.hpp"
#include "player/audio_track.hpp"

namespace vitrine {

class AudioFollower;
class AudioTimeline;

// An item as far as it is heard, on CLOCK_BOOTTIME.
struct AudioPart {
  std::shared_ptr<AudioTrack> track;
  Micros anchor = 0;       // its first flip: when pts 0 is to be heard
  Micros until = kAbsent;  // nothing of it is heard from here on; absent: to the track's end
  // How long the frame on the glass is to stand. A picture held for much longer silences its item,
  // whose sound would run away from it; absent: it is not held.
  Micros video_until = kAbsent;
};

// Borrows clock and output for its life.
class AudioPlayer {
 public:
  AudioPlayer(const Clock& clock, AudioOutput& output);
  ~AudioPlayer();  // stop()
  AudioPlayer(const AudioPlayer&) = delete;
  AudioPlayer& operator=(const AudioPlayer&) = delete;

  void start();
  void stop();
  // What its thread does every 10 ms while something sounds. For whoever runs it without start().
  void tick();

  // --- any thread ---
  std::shared_ptr<AudioTrack> track(bool muted) const;
  // The part whose track is heard, or is to follow, changes its times; any other follows from its
  // anchor on, instead of what was to.
  void play(AudioPart part);
  void drop(const std::shared_ptr<AudioTrack>& track);

  // Enough of what is heard next lies ready, or never will. On the ticking thread.
  bool settled() const;

 private:
  void take_orders();
  bool write_out();
  void order(std::function<void(AudioFollower&)> what);

  const Clock& clock_;
  AudioOutput& output_;
  std::unique_ptr<AudioFollower> follower_;
  std::unique_ptr<AudioTimeline> timeline_;
  std::vector<std::int16_t> unwritten_;  // rendered, and not taken by the device yet
  Micros silent_since_ = kAbsent;
  bool resting_ = false;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::function<void(AudioFollower&)>> orders_;
  bool stopping_ = false;
  bool idle_ = false;  // its thread waits for orders
  std::thread thread_;
};

}  // namespace vitrine
