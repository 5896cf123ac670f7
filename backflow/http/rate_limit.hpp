// So many requests a minute of one source: a token bucket each.
#pragma once

#include <map>
#include <string>

#include "base/time.hpp"

namespace vitrine {

class RateLimit {
 public:
  // A bucket that is full again says nothing; `most` are kept before the full ones go.
  explicit RateLimit(int a_minute, std::size_t most = 10'000) : a_minute_(a_minute), most_(most) {}
  // May `source` ask at `now` (CLOCK_BOOTTIME)? A request that may not costs nothing.
  bool admit(const std::string& source, Micros now);

 private:
  struct Bucket {
    Micros filled_at = 0;
    Micros left = 0;  // in time: one request is a minute / a_minute
  };
  int a_minute_;
  std::size_t most_;
  Micros swept_at_ = 0;
  std::map<std::string, Bucket> buckets_;
};

}  // namespace vitrine
