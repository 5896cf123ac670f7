// One camera's pipeline: frame -> boxes -> tracks -> crossings of the line and presence in the
// zone. Belongs to the camera
// thread; the timeline it fills may be read by others.
#pragma once

#include "audience/detector.hpp"
#include "audience/line.hpp"
#include "audience/presence.hpp"
#include "audience/tracker.hpp"
#include "audience/zone.hpp"

namespace vitrine {

class Observer {
 public:
  // `detector` and `timeline` must outlive it.
  Observer(Detector& detector, const Line& line, PresenceTimeline& timeline,
           const TrackerOptions& tracking = {}, const ExposureZone& zone = {})
      : detector_(detector), tracker_(tracking), counter_(line), zone_(zone), timeline_(timeline) {}

  void see(const Frame& frame);
  void lost();  // the camera is gone

 private:
  void forget_tracks();

  Detector& detector_;
  Tracker tracker_;
  LineCounter counter_;
  ZoneWatch zone_;
  PresenceTimeline& timeline_;
  std::optional<Micros> last_at_;
};

}  // namespace vitrine
