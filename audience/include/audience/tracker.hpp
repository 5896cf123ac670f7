// SORT (Bewley et al. 2016): a Kalman filter of constant velocity on centre, area and aspect of
// each box, and the exact assignment of boxes to predictions by overlap. Time comes from stamps,
// not from counting frames, so that a track survives the same pause at 5 and at 10 frames a second.
// With coast = tentative_coast = step and least_hits 3 it repeats the published SORT figures
// exactly (tests/audience/sort_test.cpp).
#pragma once

#include <cstdint>
#include <vector>

#include "audience/detector.hpp"
#include "base/time.hpp"

namespace vitrine {

struct TrackerOptions {
  double least_iou = 0.2;
  int least_hits = 3;                           // detections that make a track believed
  Micros step = 100 * kMillisecond;             // the time in which the filter's noise is expressed
  Micros coast = 1500 * kMillisecond;           // a believed track may go unseen so long
  Micros tentative_coast = 300 * kMillisecond;  // one that is not yet believed
};

struct Track {
  std::uint64_t id = 0;  // from 1, meaningless outside this run
  Box box;               // filtered; the prediction while unseen
  Micros first_seen = 0;
  Micros last_seen = 0;
  int hits = 0;    // detections it was given
  int streak = 0;  // consecutive ones after the first, as SORT counts them
  bool confirmed = false;
  bool seen = false;  // in the newest frame
};

// One axis of the filter: a value and its velocity per step. The seven states of SORT's filter
// never mix across axes (its noise and starting covariance are diagonal), so four small filters are
// the same filter.
class KalmanAxis {
 public:
  KalmanAxis() = default;
  KalmanAxis(double value, double measurement_noise, double velocity_noise, bool moves);
  void predict(double steps);
  void correct(double measured);
  double value() const { return value_; }
  double velocity() const { return velocity_; }
  void stop() { velocity_ = 0; }

 private:
  double value_ = 0, velocity_ = 0;
  double variance_ = 0, covariance_ = 0, velocity_variance_ = 0;
  double measurement_noise_ = 1, velocity_noise_ = 0;
  bool moves_ = false;
};

class Tracker {
 public:
  explicit Tracker(const TrackerOptions& options = {}) : options_(options) {}
  // Stamps must rise. The result is valid until the next call and holds tentative and coasting
  // tracks, too.
  const std::vector<Track>& update(const std::vector<Box>& boxes, Micros at);
  void reset();  // drops every track; ids count on

 private:
  struct Filter {
    KalmanAxis centre_x, centre_y, area, aspect;
    Box box() const;
  };
  void predict(Micros at);
  void start_track(const Box& box, Micros at);

  TrackerOptions options_;
  std::vector<Track> tracks_;
  std::vector<Filter> filters_;  // one a track, same order
  Micros last_at_ = 0;
  std::uint64_t next_id_ = 1;
};

double intersection_over_union(const Box& a, const Box& b);

}  // namespace vitrine
