// Who was there when: anonymous intervals, crossings and what was covered at all, in RAM, for at
// most ten minutes. The camera thread writes it, the main loop reads it; thread-safe.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "audience/tracker.hpp"
#include "exposure/exposure.hpp"

namespace vitrine {

inline constexpr Micros kPresenceKept = 10 * kMinute;
// A frame speaks for the time to the next one, up to this long; and there must be three a second in
// the mean of the last four. Below that a walker passes between two frames and tracks break: such
// time counts as blind.
inline constexpr Micros kLongestGap = 500 * kMillisecond;
inline constexpr Micros kLongestMeanGap = kSecond / 3;
// Without a frame for so long nothing older is expected any more.
inline constexpr Micros kSilence = kSecond;

class PresenceTimeline {
 public:
  PresenceTimeline(Quality quality, Method method, const Hash256& model);

  // One frame's result; stamps rise. `usable` false: the frame is blind, its tracks are not looked
  // at.
  void frame(Micros at, bool usable, const std::vector<Track>& tracks,
             const std::vector<int>& crossings);
  void end_tracks();  // the picture does not continue the one before; coverage goes on
  void lost();        // no camera: ends all, from here on blind

  // Up to here nothing will change any more: behind the newest frame by what a track may yet be
  // confirmed or bridged.
  Micros complete_until(Micros now) const;
  Timeline timeline(Micros now);  // a copy, pruned

  struct Figures {
    std::int64_t present = 0;    // confirmed tracks now
    std::int64_t crossings = 0;  // since start
    std::int64_t fps_milli = 0;  // of the last seconds; 0 while no frame comes
    std::int64_t frames = 0;     // since start
  };
  Figures figures(Micros now) const;

 private:
  struct Open {
    PresenceInterval interval;
    bool seen = false;  // in the newest frame
  };
  void close_tracks();
  bool covers(Micros gap);
  void prune(Micros now);

  mutable std::mutex mutex_;
  Timeline timeline_;  // closed intervals
  std::map<std::uint64_t, Open> open_;
  std::optional<Micros> last_at_;  // of the newest frame; absent = no camera
  bool last_usable_ = false;
  Micros pending_from_ = 0;    // a tentative or coasting track may still fill from here
  std::deque<Micros> gaps_;    // the last four
  std::deque<Micros> stamps_;  // of the last seconds
  std::int64_t crossings_ = 0;
  std::int64_t frames_ = 0;
};

}  // namespace vitrine
