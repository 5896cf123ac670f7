// One camera's pipeline: frame -> boxes -> tracks -> crossings of the line and presence in the
// zone. Belongs to the camera thread; the timeline it fills may be read by others.
//
// The detector is spared: it looks as often as the pace lets it, and not at all while nothing moves
// and nobody new is about. Who is believed to be there and does not move is looked at again once a
// second; in between the boxes of the last look stand.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>

#include "audience/detector.hpp"
#include "audience/line.hpp"
#include "audience/motion_gate.hpp"
#include "audience/pace.hpp"
#include "audience/presence.hpp"
#include "audience/tracker.hpp"
#include "audience/zone.hpp"

namespace vitrine {

struct WatchOptions {
  bool gated = true;             // false: the detector looks, whether anything moves or not
  std::optional<Micros> period;  // between two looks; absent = as the detector wants it
  // What this thread has cost so far, by which the pace slows down; empty = looks cost nothing.
  std::function<LookCost()> spent;
};

class Observer {
 public:
  // `detector` and `timeline` must outlive it.
  Observer(Detector& detector, const Line& line, PresenceTimeline& timeline,
           const TrackerOptions& tracking = {}, const WatchOptions& watching = {},
           const ExposureZone& zone = {})
      : detector_(detector),
        watching_(watching),
        pace_({.period = watching.period.value_or(detector.period())}),
        tracker_(fit(tracking, detector)),
        counter_(line),
        zone_(zone),
        timeline_(timeline) {}

  void see(const Frame& frame);
  void blind(Micros at);  // a frame came that nothing can be said of, not even that it is empty
  void lost();            // the camera is gone
  // From the next frame on; who is on his way is taken for new.
  void count_over(const Line& line) { counter_ = LineCounter(line); }
  void count_within(const ExposureZone& zone) { zone_ = ZoneWatch(zone); }

 private:
  static TrackerOptions fit(TrackerOptions tracking, const Detector& detector) {
    tracking.least_hits = std::max(tracking.least_hits, detector.least_hits());
    return tracking;
  }
  void forget_tracks();
  bool must_look(const Frame& frame);
  void look(const Frame& frame);
  void tell(const Frame& frame);

  Detector& detector_;
  WatchOptions watching_;
  MotionGate gate_;
  Pace pace_;
  Tracker tracker_;
  LineCounter counter_;
  ZoneWatch zone_;
  PresenceTimeline& timeline_;
  std::optional<Micros> last_at_;    // of the frame last told to the timeline
  std::optional<Micros> looked_at_;  // of the frame last looked at
  Detections seen_;                  // in it
  bool tentative_ = false;           // somebody may be there who is not yet believed
  bool occupied_ = false;            // there are tracks
};

}  // namespace vitrine
