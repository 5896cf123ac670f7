// The part of the picture in which somebody counts as present: a polygon for the foot point of the
// boxes, which are debounced, so that who stands on its edge makes one stay and not twenty.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "audience/tracker.hpp"
#include "base/result.hpp"

namespace vitrine {

// Corners in permille of the frame's width and height; an edge joins the last to the first. None =
// the whole frame. Where the edges cross, inside is by the even-odd rule.
struct ExposureZone {
  struct Corner {
    int x = 0, y = 0;
    bool operator==(const Corner&) const = default;
  };
  std::vector<Corner> corners;
};
// "x,y,x,y,..." with 3 to 32 corners that enclose something; "" is the whole frame.
Result<ExposureZone> parse_zone(const std::string& text);

// Somebody is in the zone who stood in it for so long, from when he came; and out of it who was
// outside for so long, from when he left.
inline constexpr Micros kZoneEnter = 300 * kMillisecond;
inline constexpr Micros kZoneLeave = 700 * kMillisecond;

// Used by one thread.
class ZoneWatch {
 public:
  explicit ZoneWatch(ExposureZone zone) : zone_(std::move(zone)) {}

  // The tracks as far as the zone is concerned, valid until the next call: first_seen is when the
  // stay began and last_seen when the foot was last inside; `confirmed` only when the stay is, too;
  // not `seen` while it is open whether he has left. Who is out of it is not among them. With the
  // whole frame they are `tracks`.
  const std::vector<Track>& inside(const std::vector<Track>& tracks, int frame_width,
                                   int frame_height, Micros at);
  void reset() { stays_.clear(); }

 private:
  struct Stay {
    Micros since = 0;                 // of the first frame of the stay
    std::optional<Micros> last_in;    // of the newest one with the foot inside
    std::optional<Micros> out_since;  // of the first one after that with it outside
    bool believed = false;
    bool alive = false;
  };
  bool contains(double x, double y, int frame_width, int frame_height) const;
  static bool has_left(const Stay& stay, Micros at);
  void see(const Track& track, bool in, Micros at);

  ExposureZone zone_;
  std::map<std::uint64_t, Stay> stays_;
  std::vector<Track> inside_;
};

}  // namespace vitrine
