// So many requests a minute of one source: a token bucket each.
#pragma once

#include <map>
#include <string>

#include "base/time.hpp"

namespace vitrine {

class RateLimit {
 public:
  explicit RateLimit(int a_minute) : a_minute_(a_minute) {}
  // May `source` ask at `now` (CLOCK_BOOTTIME)? A request that may not costs nothing.
  bool admit(const std::string& source, Micros now);

 private:
  struct Bucket {
    Micros filled_at = 0;
    Micros left = 0;  // in time: one request is a minute / a_minute
  };
  int a_minute_;
  std::map<std::string, Bucket> buckets_;
};

}  // namespace vitrine
