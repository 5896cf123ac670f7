#include "audience/zone.hpp"

#include <algorithm>
#include <charconv>

#include "audience/foot_point.hpp"

namespace vitrine {
namespace {

constexpr std::size_t kLeastCorners = 3;
constexpr std::size_t kMostCorners = 32;
constexpr double kLastPermille = 999.999;

// Twice the area between the edges, signed.
std::int64_t doubled_area(const std::vector<ExposureZone::Corner>& corners) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < corners.size(); ++i) {
    const ExposureZone::Corner& a = corners[i];
    const ExposureZone::Corner& b = corners[(i + 1) % corners.size()];
    sum += static_cast<std::int64_t>(a.x) * b.y - static_cast<std::int64_t>(b.x) * a.y;
  }
  return sum;
}

}  // namespace

Result<ExposureZone> parse_zone(const std::string& text) {
  ExposureZone zone;
  if (text.empty()) return zone;
  const auto wrong = [&text] {
    return fail(ErrorCode::invalid,
                "zone \"" + text +
                    "\" is not x,y,x,y,... with 3 to 32 corners, numbers from 0 to 1000, around "
                    "some place");
  };
  std::vector<int> numbers;
  const char* at = text.data();
  const char* end = at + text.size();
  for (;;) {
    int number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error != std::errc() || number < 0 || number > 1000) return wrong();
    numbers.push_back(number);
    if (next == end) break;
    if (*next != ',' || numbers.size() == 2 * kMostCorners) return wrong();
    at = next + 1;
  }
  if (numbers.size() % 2 != 0 || numbers.size() < 2 * kLeastCorners) return wrong();
  for (std::size_t i = 0; i < numbers.size(); i += 2) {
    zone.corners.push_back({numbers[i], numbers[i + 1]});
  }
  if (doubled_area(zone.corners) == 0) return wrong();
  return zone;
}

bool ZoneWatch::contains(double x, double y, int frame_width, int frame_height) const {
  // Who is cut off by the picture's edge stands in a zone that reaches it.
  const double px = std::clamp(1000 * x / frame_width, 0.0, kLastPermille);
  const double py = std::clamp(1000 * y / frame_height, 0.0, kLastPermille);
  bool inside = false;
  const auto& corners = zone_.corners;
  for (std::size_t i = 0; i < corners.size(); ++i) {
    const ExposureZone::Corner& a = corners[i];
    const ExposureZone::Corner& b = corners[(i + 1) % corners.size()];
    if ((a.y > py) == (b.y > py)) continue;
    if (px < a.x + (py - a.y) * (b.x - a.x) / static_cast<double>(b.y - a.y)) inside = !inside;
  }
  return inside;
}

bool ZoneWatch::has_left(const Stay& stay, Micros at) {
  return stay.out_since && at - *stay.out_since >= kZoneLeave;
}

void ZoneWatch::see(const Track& track, bool in, Micros at) {
  Stay& stay = stays_[track.id];
  if (in) {
    if (has_left(stay, at)) stay = Stay{};
    if (!stay.last_in) stay.since = at;
    stay.last_in = at;
    stay.out_since.reset();
    stay.believed = stay.believed || at - stay.since >= kZoneEnter;
  } else if (stay.last_in && !stay.out_since) {
    stay.out_since = at;
  }
}

const std::vector<Track>& ZoneWatch::inside(const std::vector<Track>& tracks, int frame_width,
                                            int frame_height, Micros at) {
  if (zone_.corners.empty()) return tracks;
  for (auto& [id, stay] : stays_) stay.alive = false;
  inside_.clear();
  for (const Track& track : tracks) {
    if (track.seen) {
      const FootPoint foot = foot_point(track.box, frame_height);
      see(track, contains(foot.x, foot.y, frame_width, frame_height), at);
    }
    const auto found = stays_.find(track.id);
    if (found == stays_.end()) continue;
    Stay& stay = found->second;
    stay.alive = true;
    if (!stay.last_in || has_left(stay, at)) continue;
    Track& told = inside_.emplace_back(track);
    told.first_seen = stay.since;
    told.last_seen = *stay.last_in;
    told.confirmed = track.confirmed && stay.believed;
    told.seen = track.seen && !stay.out_since;
  }
  std::erase_if(stays_, [](const auto& entry) { return !entry.second.alive; });
  return inside_;
}

}  // namespace vitrine
