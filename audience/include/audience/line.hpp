// Counts who walks over a line: foot points, a finite segment, one count for each change of side,
// and a dead band around the line so that somebody who stands on it is not counted again and again.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "audience/foot_point.hpp"
#include "audience/tracker.hpp"
#include "base/result.hpp"

namespace vitrine {

// In permille of the frame's width and height. In (+1) is from the right hand to the left hand of
// somebody who looks along the line from its first point to its second: for a line drawn from top
// to bottom, left to right in the picture.
struct Line {
  int x0 = 500, y0 = 0, x1 = 500, y1 = 1000;
};
// "x0,y0,x1,y1"
Result<Line> parse_line(const std::string& text);

class LineCounter {
 public:
  explicit LineCounter(const Line& line) : line_(line) {}
  // The directions (+1 in, -1 out) counted with this frame. Tracks not yet confirmed are followed,
  // and counted when they are; a track keeps its side while it is unseen.
  std::vector<int> update(const std::vector<Track>& tracks, int frame_width, int frame_height);
  void reset() { sides_.clear(); }

 private:
  struct Side {
    int side = 0;              // +1, -1; 0 = only ever seen in the dead band
    FootPoint foot;            // where it was last clearly on that side
    std::vector<int> pending;  // crossings of a track not yet confirmed
    bool alive = false;
  };
  static bool meets(FootPoint from, FootPoint to, FootPoint a, FootPoint b);

  Line line_;
  std::map<std::uint64_t, Side> sides_;
};

}  // namespace vitrine
