// How well tracks repeat a truth: CLEAR-MOT (Bernardin and Stiefelhagen 2008) and IDF1 (Ristani et
// al. 2016), both at an overlap of a half. Their figures add up over sequences.
#pragma once

#include "mot_file.hpp"

namespace vitrine {

struct MotScore {
  int truths = 0;  // boxes
  int outputs = 0;
  int false_positives = 0;
  int misses = 0;
  int switches = 0;
  int identity_hits = 0;  // boxes whose track is the one that was given to their person

  double mota() const;  // 1 = all right; may be negative
  double idf1() const;  // 0..1
  MotScore& operator+=(const MotScore& other);
};

// Boxes of frames that the truth does not have are false.
MotScore score_tracks(const MotFrames& truth, const MotFrames& output);

}  // namespace vitrine
