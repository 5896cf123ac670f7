#include "audience/observer.hpp"

namespace vitrine {

void Observer::forget_tracks() {
  tracker_.reset();
  counter_.reset();
  zone_.reset();
  timeline_.end_tracks();
}

void Observer::see(const Frame& frame) {
  if (last_at_ && frame.at <= *last_at_) return;  // a source that steps back tells nothing new
  // After a silence the timeline has already been declared complete: nothing may be bridged over
  // it.
  if (frame.restarted || (last_at_ && frame.at - *last_at_ > kSilence)) forget_tracks();
  last_at_ = frame.at;

  const Detections detections = detector_.detect(frame);
  if (!detections.usable) {
    forget_tracks();
    timeline_.frame(frame.at, false, {}, {});
    return;
  }
  const auto& tracks = tracker_.update(detections.boxes, frame.at);
  timeline_.frame(frame.at, true, zone_.inside(tracks, frame.width, frame.height, frame.at),
                  counter_.update(tracks, frame.width, frame.height));
}

void Observer::lost() {
  forget_tracks();
  detector_.reset();
  timeline_.lost();
  last_at_.reset();
}

}  // namespace vitrine
