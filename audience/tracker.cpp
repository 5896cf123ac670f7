#include "audience/tracker.hpp"

#include <algorithm>
#include <cmath>

#include "audience/assignment.hpp"

namespace vitrine {
namespace {

// SORT's noise: area and aspect are measured ten times worse than the centre; the area's velocity
// hardly changes.
constexpr double kCentreNoise = 1;
constexpr double kShapeNoise = 10;
constexpr double kCentreVelocityNoise = 0.01;
constexpr double kAreaVelocityNoise = 0.0001;

}  // namespace

double intersection_over_union(const Box& a, const Box& b) {
  const double width = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  const double height = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const double both = width * height;
  return both / (a.width * a.height + b.width * b.height - both);
}

Box Tracker::Filter::box() const {
  const double width = std::sqrt(std::max(0.0, area.value() * aspect.value()));
  const double height = width > 0 ? area.value() / width : 0;
  return {centre_x.value() - width / 2, centre_y.value() - height / 2, width, height};
}

void Tracker::predict(Micros at) {
  const double steps = static_cast<double>(at - last_at_) / static_cast<double>(options_.step);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    Filter& filter = filters_[i];
    // A box that shrank away would otherwise turn inside out.
    if (filter.area.value() + filter.area.velocity() * steps <= 0) filter.area.stop();
    filter.centre_x.predict(steps);
    filter.centre_y.predict(steps);
    filter.area.predict(steps);
    filter.aspect.predict(steps);
    if (filter.area.value() <= 0 || filter.aspect.value() <= 0) continue;
    Track& track = tracks_[i];
    if (!track.seen) track.streak = 0;
    track.seen = false;
    track.box = filter.box();
    if (kept != i) {
      tracks_[kept] = track;
      filters_[kept] = filter;
    }
    ++kept;
  }
  tracks_.resize(kept);
  filters_.resize(kept);
}

void Tracker::start_track(const Box& box, Micros at) {
  const double x = box.x + box.width / 2;
  const double y = box.y + box.height / 2;
  filters_.push_back({KalmanAxis(x, kCentreNoise, kCentreVelocityNoise, true),
                      KalmanAxis(y, kCentreNoise, kCentreVelocityNoise, true),
                      KalmanAxis(box.width * box.height, kShapeNoise, kAreaVelocityNoise, true),
                      KalmanAxis(box.width / box.height, kShapeNoise, 0, false)});
  Track track;
  track.id = next_id_++;
  track.box = box;
  track.first_seen = track.last_seen = at;
  track.hits = 1;
  track.confirmed = options_.least_hits <= 1;
  track.seen = true;
  tracks_.push_back(track);
}

const std::vector<Track>& Tracker::update(const std::vector<Box>& boxes, Micros at) {
  predict(at);
  last_at_ = at;

  std::vector<std::vector<double>> cost(boxes.size(), std::vector<double>(tracks_.size()));
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    for (std::size_t j = 0; j < tracks_.size(); ++j) {
      cost[i][j] = -intersection_over_union(boxes[i], tracks_[j].box);
    }
  }
  const std::vector<int> matched = assign(cost);
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const Box& box = boxes[i];
    const bool valid = box.width > 0 && box.height > 0;
    if (!valid) continue;
    const auto j = static_cast<std::size_t>(std::max(matched[i], 0));
    if (matched[i] < 0 || -cost[i][j] < options_.least_iou) {
      start_track(box, at);
      continue;
    }
    Filter& filter = filters_[j];
    filter.centre_x.correct(box.x + box.width / 2);
    filter.centre_y.correct(box.y + box.height / 2);
    filter.area.correct(box.width * box.height);
    filter.aspect.correct(box.width / box.height);
    Track& track = tracks_[j];
    track.box = filter.box();
    track.last_seen = at;
    track.seen = true;
    ++track.hits;
    ++track.streak;
    track.confirmed = track.confirmed || track.hits >= options_.least_hits;
  }

  std::size_t kept = 0;
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    const Micros limit = tracks_[i].confirmed ? options_.coast : options_.tentative_coast;
    if (at - tracks_[i].last_seen > limit) continue;
    if (kept != i) {
      tracks_[kept] = tracks_[i];
      filters_[kept] = filters_[i];
    }
    ++kept;
  }
  tracks_.resize(kept);
  filters_.resize(kept);
  return tracks_;
}

void Tracker::reset() {
  tracks_.clear();
  filters_.clear();
}

}  // namespace vitrine
