#include "audience/tracker.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace vitrine {
namespace {

// SORT's noise: area and aspect are measured ten times worse than the centre; the area's velocity
// hardly changes.
constexpr double kCentreNoise = 1;
constexpr double kShapeNoise = 10;
constexpr double kCentreVelocityNoise = 0.01;
constexpr double kAreaVelocityNoise = 0.0001;

// Somebody in a hurry, in heights of his box a second: how far the second box of a track may be
// from the first, when no speed is known yet.
constexpr double kHurry = 1.2;
// Boxes of the same person do not differ more in height from one picture to the next.
constexpr double kLeastSameHeight = 0.6;
constexpr double kLeastNearness = 1e-9;

bool is_box(const Box& box) {
  return box.width > 0 && box.height > 0 && std::isfinite(box.x + box.y + box.width + box.height);
}

double seconds(Micros time) {
  return static_cast<double>(time) / kSecond;
}

}  // namespace

double intersection_over_union(const Box& a, const Box& b) {
  const double width = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  const double height = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const double both = width * height;
  return both / (a.width * a.height + b.width * b.height - both);
}

TrackerOptions TrackerOptions::sort(Micros frame, int max_age) {
  constexpr float kAny = std::numeric_limits<float>::lowest();
  return {.least_score = kAny,
          .sure_score = kAny,
          .least_hits = 3,
          .least_iou = 0.3,
          .step = frame,
          .coast = max_age * frame,
          .tentative_coast = max_age * frame,
          .stray = 0,
          .stray_a_second = 0};
}

Tracker::Tracker(const TrackerOptions& options) : options_(options) {
  tracks_.reserve(kMostTracks);
  filters_.reserve(kMostTracks);
  free_tracks_.reserve(kMostTracks);
  chosen_.reserve(kMostBoxes);
  glimpses_.reserve(kMostBoxes);
  free_boxes_.reserve(kMostBoxes);
  assignment_.begin(kMostBoxes, kMostTracks);
  for (std::size_t i = 0; i < kMostBoxes; ++i) {
    for (std::size_t j = 0; j < kMostTracks; ++j) assignment_.cost(i, j) = 0;
  }
  assignment_.solve();  // so that its buffers have their size
}

Box Tracker::Filter::box() const {
  const double width = std::sqrt(std::max(0.0, area.value() * aspect.value()));
  const double height = width > 0 ? area.value() / width : 0;
  return {centre_x.value() - width / 2, centre_y.value() - height / 2, width, height};
}

void Tracker::choose(const std::vector<Box>& boxes) {
  chosen_.clear();
  const auto weaker = [&boxes](std::size_t a, std::size_t b) {
    return boxes[a].score < boxes[b].score;
  };
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    if (!is_box(boxes[i]) || boxes[i].score < options_.least_score) continue;
    if (chosen_.size() < kMostBoxes) {
      chosen_.push_back(i);
      continue;
    }
    const auto weakest = std::min_element(chosen_.begin(), chosen_.end(), weaker);
    if (weaker(*weakest, i)) *weakest = i;
  }
}

void Tracker::predict(Micros at) {
  const double steps = static_cast<double>(at - last_at_) / static_cast<double>(options_.step);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    Filter& filter = filters_[i];
    Track& track = tracks_[i];
    // A box that shrank away would otherwise turn inside out.
    if (filter.area.value() + filter.area.velocity() * steps <= 0) filter.area.stop();
    filter.centre_x.predict(steps);
    filter.centre_y.predict(steps);
    filter.area.predict(steps);
    filter.aspect.predict(steps);
    if (filter.area.value() <= 0 || filter.aspect.value() <= 0) continue;
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

double Tracker::overlap(const Box& box, std::size_t track) const {
  return intersection_over_union(box, tracks_[track].box);
}

double Tracker::low_overlap(const Box& box, std::size_t track) const {
  const double iou = tracks_[track].confirmed ? overlap(box, track) : 0;
  return iou < options_.least_low_iou ? 0 : iou;
}

double Tracker::nearness(const Box& box, std::size_t at) const {
  const Track& track = tracks_[at];
  const double height = std::max(box.height, track.box.height);
  if (std::min(box.height, track.box.height) < kLeastSameHeight * height) return 0;
  const double apart = std::hypot(box.x + box.width / 2 - track.box.x - track.box.width / 2,
                                  box.y + box.height / 2 - track.box.y - track.box.height / 2);
  const double pace = track.hits < 2 ? kHurry : options_.stray_a_second;
  const double most = height * (options_.stray + pace * seconds(last_at_ - track.last_seen));
  return std::max(0.0, 1 - apart / most);
}

// Gives boxes that are left to tracks that are left, so that the sum of how they fit is the most.
void Tracker::match(const std::vector<Box>& boxes, bool high, Fit fit, double least, Micros at) {
  free_boxes_.clear();
  free_tracks_.clear();
  for (const std::size_t box : chosen_) {
    if ((boxes[box].score >= options_.sure_score) == high) free_boxes_.push_back(box);
  }
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    if (!tracks_[i].seen) free_tracks_.push_back(i);
  }
  if (free_boxes_.empty() || free_tracks_.empty()) return;
  assignment_.begin(free_boxes_.size(), free_tracks_.size());
  for (std::size_t i = 0; i < free_boxes_.size(); ++i) {
    for (std::size_t j = 0; j < free_tracks_.size(); ++j) {
      assignment_.cost(i, j) = -(this->*fit)(boxes[free_boxes_[i]], free_tracks_[j]);
    }
  }
  const std::vector<int>& matched = assignment_.solve();
  for (std::size_t i = 0; i < free_boxes_.size(); ++i) {
    if (matched[i] < 0) continue;
    const auto j = static_cast<std::size_t>(matched[i]);
    if (-assignment_.cost(i, j) < least) continue;
    correct(free_tracks_[j], boxes[free_boxes_[i]], at);
    std::erase(chosen_, free_boxes_[i]);
  }
}

void Tracker::correct(std::size_t at_track, const Box& box, Micros at) {
  Filter& filter = filters_[at_track];
  filter.centre_x.correct(box.x + box.width / 2);
  filter.centre_y.correct(box.y + box.height / 2);
  filter.area.correct(box.width * box.height);
  filter.aspect.correct(box.width / box.height);
  Track& track = tracks_[at_track];
  track.box = filter.box();
  track.last_seen = at;
  track.seen = true;
  ++track.hits;
  ++track.streak;
  track.confirmed = track.confirmed || track.hits >= options_.least_hits;
}

// Who comes into the picture is half in it first, and nothing to be sure of.
Micros Tracker::first_glimpse(const Box& box, Micros at) const {
  for (const Box& glimpse : glimpses_) {
    if (intersection_over_union(box, glimpse) >= options_.least_low_iou) return glimpsed_at_;
  }
  return at;
}

void Tracker::keep_glimpses(const std::vector<Box>& boxes, Micros at) {
  glimpses_.clear();
  for (const std::size_t box : chosen_) {
    if (boxes[box].score < options_.sure_score) glimpses_.push_back(boxes[box]);
  }
  glimpsed_at_ = at;
}

void Tracker::start_track(const Box& box, Micros at) {
  if (!make_room()) return;
  const double x = box.x + box.width / 2;
  const double y = box.y + box.height / 2;
  filters_.push_back({KalmanAxis(x, kCentreNoise, kCentreVelocityNoise, true),
                      KalmanAxis(y, kCentreNoise, kCentreVelocityNoise, true),
                      KalmanAxis(box.width * box.height, kShapeNoise, kAreaVelocityNoise, true),
                      KalmanAxis(box.width / box.height, kShapeNoise, 0, false)});
  Track track;
  track.id = next_id_++;
  track.box = box;
  track.first_seen = first_glimpse(box, at);
  track.last_seen = at;
  track.hits = 1;
  track.confirmed = track.hits >= options_.least_hits;
  track.seen = true;
  tracks_.push_back(track);
}

bool Tracker::make_room() {
  if (tracks_.size() < kMostTracks) return true;
  std::size_t weakest = tracks_.size();
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    const Track& track = tracks_[i];
    if (track.confirmed || (track.hits == 1 && track.seen)) continue;
    if (weakest == tracks_.size() || track.hits < tracks_[weakest].hits ||
        (track.hits == tracks_[weakest].hits && track.last_seen < tracks_[weakest].last_seen)) {
      weakest = i;
    }
  }
  if (weakest == tracks_.size()) return false;
  tracks_.erase(tracks_.begin() + static_cast<std::ptrdiff_t>(weakest));
  filters_.erase(filters_.begin() + static_cast<std::ptrdiff_t>(weakest));
  return true;
}

const std::vector<Track>& Tracker::update(const std::vector<Box>& boxes, Micros at) {
  predict(at);
  last_at_ = at;
  choose(boxes);
  match(boxes, true, &Tracker::overlap, options_.least_iou, at);
  match(boxes, false, &Tracker::low_overlap, options_.least_low_iou, at);
  if (options_.stray > 0) match(boxes, true, &Tracker::nearness, kLeastNearness, at);
  for (const std::size_t box : chosen_) {
    if (boxes[box].score >= options_.sure_score) start_track(boxes[box], at);
  }
  keep_glimpses(boxes, at);
  drop_lost(at);
  return tracks_;
}

void Tracker::drop_lost(Micros at) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    const Track& track = tracks_[i];
    const Micros limit = track.confirmed ? options_.coast : options_.tentative_coast;
    if (at - track.last_seen > limit) continue;
    if (kept != i) {
      tracks_[kept] = tracks_[i];
      filters_[kept] = filters_[i];
    }
    ++kept;
  }
  tracks_.resize(kept);
  filters_.resize(kept);
}

void Tracker::reset() {
  glimpses_.clear();
  tracks_.clear();
  filters_.clear();
}

}  // namespace vitrine
