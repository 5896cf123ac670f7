#include "audience/line.hpp"

#include <charconv>
#include <cmath>

namespace vitrine {
namespace {

// The dead band to each side, in widths of the person's own box: what a box wobbles while its owner
// stands.
constexpr double kBand = 0.25;

}  // namespace

Result<Line> parse_line(const std::string& text) {
  int values[4] = {};
  const char* at = text.data();
  const char* end = at + text.size();
  for (int i = 0; i < 4; ++i) {
    if (i > 0 && (at == end || *at++ != ',')) at = nullptr;
    const auto [next, error] = at == nullptr
                                   ? std::from_chars_result{at, std::errc::invalid_argument}
                                   : std::from_chars(at, end, values[i]);
    if (error != std::errc() || values[i] < 0 || values[i] > 1000) {
      return fail(ErrorCode::invalid,
                  "line \"" + text + "\" is not x0,y0,x1,y1 with four numbers from 0 to 1000");
    }
    at = next;
  }
  const Line line{values[0], values[1], values[2], values[3]};
  if (at != end || (line.x0 == line.x1 && line.y0 == line.y1)) {
    return fail(ErrorCode::invalid,
                "line \"" + text + "\" is not two different points x0,y0,x1,y1");
  }
  return line;
}

bool LineCounter::meets(FootPoint from, FootPoint to, FootPoint a, FootPoint b) {
  // Where the way from -> to cuts the infinite line, as a share of a -> b.
  const double bx = b.x - a.x, by = b.y - a.y;
  const double wx = to.x - from.x, wy = to.y - from.y;
  const double across = wx * by - wy * bx;
  if (across == 0) return false;
  const double share = (wx * (from.y - a.y) - wy * (from.x - a.x)) / across;
  return share >= 0 && share <= 1;
}

std::vector<int> LineCounter::update(const std::vector<Track>& tracks, int frame_width,
                                     int frame_height) {
  const double sx = frame_width / 1000.0, sy = frame_height / 1000.0;
  const FootPoint a{line_.x0 * sx, line_.y0 * sy}, b{line_.x1 * sx, line_.y1 * sy};
  const double length = std::hypot(b.x - a.x, b.y - a.y);
  for (auto& [id, side] : sides_) side.alive = false;

  std::vector<int> counted;
  for (const Track& track : tracks) {
    Side& state = sides_[track.id];
    state.alive = true;
    if (!track.seen) continue;
    const FootPoint foot = foot_point(track.box, frame_height);
    const double distance = ((b.x - a.x) * (foot.y - a.y) - (b.y - a.y) * (foot.x - a.x)) / length;
    const double band = kBand * track.box.width;
    const int side = distance > band ? 1 : distance < -band ? -1 : 0;
    if (side != 0) {
      if (state.side == -side && meets(state.foot, foot, a, b)) {
        state.pending.push_back(state.side);
      }
      state.side = side;
      state.foot = foot;
    }
    if (track.confirmed) {
      counted.insert(counted.end(), state.pending.begin(), state.pending.end());
      state.pending.clear();
    }
  }
  std::erase_if(sides_, [](const auto& entry) { return !entry.second.alive; });
  return counted;
}

}  // namespace vitrine
