#include "http/rate_limit.hpp"

#include <algorithm>

namespace vitrine {
bool RateLimit::admit(const std::string& source, Micros now) {
  if (buckets_.size() >= most_ && (swept_at_ == 0 || now - swept_at_ >= kSecond)) {
    swept_at_ = now;
    std::erase_if(buckets_, [&](const auto& one) { return now - one.second.filled_at >= kMinute; });
  }
  // So many sources within a minute are an attack from everywhere; newcomers wait.
  if (buckets_.size() >= most_ && !buckets_.contains(source)) return false;
  auto& bucket = buckets_.try_emplace(source, Bucket{now, kMinute}).first->second;
  bucket.left = std::min(kMinute, bucket.left + (now - bucket.filled_at));
  bucket.filled_at = now;
  const Micros cost = kMinute / std::max(a_minute_, 1);
  if (bucket.left < cost) return false;
  bucket.left -= cost;
  return true;
}

}  // namespace vitrine
