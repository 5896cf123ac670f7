#include "audience/observer.hpp"

#include <algorithm>

namespace vitrine {
namespace {

constexpr Micros kStillTracks = kSecond;
// A frame that comes a little early must not cost another whole period.
constexpr Micros kGrace = 20 * kMillisecond;

}  // namespace

void Observer::forget_tracks() {
  tracker_.reset();
  counter_.reset();
  zone_.reset();
  timeline_.end_tracks();
  tentative_ = occupied_ = false;
  looked_at_.reset();
}

void Observer::see(const Frame& frame) {
  if (last_at_ && frame.at <= *last_at_) return;  // a source that steps back tells nothing new
  if (frame.restarted) forget_tracks();
  if (!pace_.due(frame.at)) return;
  // After a silence the timeline has already been declared complete: nothing may be bridged over
  // it.
  if (last_at_ && frame.at - *last_at_ > kSilence) forget_tracks();
  last_at_ = frame.at;

  if (must_look(frame)) {
    look(frame);
  } else {
    detector_.unmoved();
  }
  tell(frame);
}

bool Observer::must_look(const Frame& frame) {
  if (!watching_.gated) return true;
  const bool moves = gate_.moves(frame);
  if (moves || !looked_at_ || !seen_.usable || tentative_) return true;
  const Micros recheck = occupied_ ? kStillTracks : detector_.recheck();
  return frame.at - *looked_at_ >= recheck - kGrace;
}

void Observer::look(const Frame& frame) {
  const LookCost before = watching_.spent ? watching_.spent() : LookCost{};
  seen_ = detector_.detect(frame);
  if (watching_.spent) {
    const LookCost after = watching_.spent();
    pace_.spent({after.cpu - before.cpu, after.wall - before.wall});
  }
  looked_at_ = frame.at;
  if (watching_.gated) gate_.keep();
}

void Observer::tell(const Frame& frame) {
  if (!seen_.usable) {
    forget_tracks();
    timeline_.frame(frame.at, false, {}, {});
    return;
  }
  const auto& tracks = tracker_.update(seen_.boxes, frame.at);
  occupied_ = !tracks.empty();
  tentative_ = std::any_of(tracks.begin(), tracks.end(),
                           [](const Track& track) { return !track.confirmed; });
  timeline_.frame(frame.at, true, zone_.inside(tracks, frame.width, frame.height, frame.at),
                  counter_.update(tracks, frame.width, frame.height));
}

void Observer::blind(Micros at) {
  if (last_at_ && at <= *last_at_) return;
  last_at_ = at;
  forget_tracks();
  timeline_.frame(at, false, {}, {});
}

void Observer::lost() {
  forget_tracks();
  detector_.reset();
  gate_.reset();
  timeline_.lost();
  last_at_.reset();
  looked_at_.reset();
}

}  // namespace vitrine
