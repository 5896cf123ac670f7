#include "player/snapshot_desk.hpp"

#include <utility>

namespace vitrine {

std::optional<Snapshot> SnapshotDesk::take(std::chrono::milliseconds within) {
  std::unique_lock lock(mutex_);
  snapshot_.reset();
  wanted_ = true;
  handed_.wait_for(lock, within, [this] { return snapshot_.has_value(); });
  wanted_ = false;
  return std::exchange(snapshot_, std::nullopt);
}

void SnapshotDesk::hand(Snapshot snapshot) {
  const std::lock_guard lock(mutex_);
  wanted_ = false;
  snapshot_ = std::move(snapshot);
  handed_.notify_all();
}

}  // namespace vitrine
