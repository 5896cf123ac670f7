#include "audience/pace.hpp"

#include <algorithm>

namespace vitrine {
namespace {

// A frame may come so much early and still be the one meant.
constexpr Micros kEarly = 20 * kMillisecond;
constexpr Micros kMemory = 8;  // looks

Micros stretched(Micros time, double share) {
  return static_cast<Micros>(static_cast<double>(time) / share);
}

}  // namespace

bool Pace::due(Micros at) {
  if (due_ && at + kEarly < *due_) return false;
  // After a pause there is nothing to catch up with.
  due_ = (due_ && at - *due_ <= period_ ? *due_ : at) + period_;
  return true;
}

void Pace::spent(const LookCost& cost) {
  if (!mean_) mean_ = cost;
  mean_->cpu += (cost.cpu - mean_->cpu) / kMemory;
  mean_->wall += (cost.wall - mean_->wall) / kMemory;
  const Micros needed = std::max(stretched(mean_->cpu, options_.most_cpu),
                                 stretched(mean_->wall, options_.most_time));
  period_ = std::clamp(needed, options_.period, std::max(options_.period, options_.longest));
}

}  // namespace vitrine
