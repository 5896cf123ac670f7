// From boxes to anonymous tracks. The base is SORT (Bewley et al. 2016): a Kalman filter of
// constant velocity on centre, area and aspect of each box, and the exact assignment of boxes to
// predictions by overlap. To it come
//  - boxes of low score, which continue a track and never begin one (ByteTrack, Zhang et al. 2022);
//    one just before a track began tells that somebody was already coming into the picture;
//  - time from stamps instead of counted frames, so that a track survives the same pause at 5 and
//    at 10 frames a second;
//  - a gate on the distance, for pictures so far apart that a walker's boxes no longer overlap.
// TrackerOptions::sort() leaves all of it out and repeats the published figures exactly
// (tests/audience/sort_test.cpp).
#pragma once

#include <cstdint>
#include <vector>

#include "audience/assignment.hpp"
#include "audience/detector.hpp"
#include "audience/kalman.hpp"
#include "base/time.hpp"

namespace vitrine {

struct TrackerOptions {
  float least_score = 0.2F;       // a box below it is not looked at
  float sure_score = kSureScore;  // one below it goes on with a believed track, no more
  int least_hits = 3;             // boxes that make a track believed
  double least_iou = 0.15;
  double least_low_iou = 0.4;                   // of a box of low score
  Micros step = 100 * kMillisecond;             // the time in which the filter's noise is expressed
  Micros coast = 1500 * kMillisecond;           // a believed track may go unseen so long
  Micros tentative_coast = 400 * kMillisecond;  // one that is not yet believed
  // What a person may be away from where the track expects it, in heights of the box: so much at
  // once and so much more a second unseen. 0 = by overlap alone.
  double stray = 0.35, stray_a_second = 0.5;

  // SORT as published, for pictures `frame` apart.
  static TrackerOptions sort(Micros frame, int max_age = 1);
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

class Tracker {
 public:
  // Its memory is of fixed size. Beyond so many tracks the weakest that is not yet believed gives
  // way, or nothing new begins; of more boxes the surest are looked at.
  static constexpr std::size_t kMostTracks = 128;
  static constexpr std::size_t kMostBoxes = 128;

  explicit Tracker(const TrackerOptions& options = {});
  // Stamps must rise. The result is valid until the next call and holds tentative and coasting
  // tracks, too.
  const std::vector<Track>& update(const std::vector<Box>& boxes, Micros at);
  void reset();  // drops every track; ids count on

 private:
  struct Filter {
    KalmanAxis centre_x, centre_y, area, aspect;
    Box box() const;
  };
  using Fit = double (Tracker::*)(const Box& box, std::size_t track) const;
  void choose(const std::vector<Box>& boxes);
  void predict(Micros at);
  void match(const std::vector<Box>& boxes, bool high, Fit fit, double least, Micros at);
  Micros first_glimpse(const Box& box, Micros at) const;
  void keep_glimpses(const std::vector<Box>& boxes, Micros at);
  double overlap(const Box& box, std::size_t track) const;
  double low_overlap(const Box& box, std::size_t track) const;
  double nearness(const Box& box, std::size_t track) const;
  void correct(std::size_t track, const Box& box, Micros at);
  void start_track(const Box& box, Micros at);
  bool make_room();
  void drop_lost(Micros at);

  TrackerOptions options_;
  std::vector<Track> tracks_;
  std::vector<Filter> filters_;                        // one a track, same order
  std::vector<std::size_t> chosen_;                    // boxes not yet given to a track
  std::vector<std::size_t> free_boxes_, free_tracks_;  // of one match
  std::vector<Box> glimpses_;  // boxes of low score that went to no track, of the frame before
  Micros glimpsed_at_ = 0;
  Assignment assignment_;
  Micros last_at_ = 0;
  std::uint64_t next_id_ = 1;
};

double intersection_over_union(const Box& a, const Box& b);

}  // namespace vitrine
