// What is on the glass, for whoever asks from another thread: the presenting thread hands over its
// hold on the picture, no copy, and only when it was asked.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "player/source.hpp"

namespace vitrine {

struct Snapshot {
  Frame frame;
  Micros at = 0;             // CLOCK_BOOTTIME of its flip
  std::uint64_t ticket = 0;  // of the item (player/programme.hpp); 0: the status picture
  std::string label;
};

class SnapshotDesk {
 public:
  // The next flip's picture; nullopt when there was none in time. At least one a second is usual.
  std::optional<Snapshot> take(std::chrono::milliseconds within);

  // The presenting thread, after each flip.
  bool wanted() const { return wanted_; }
  void hand(Snapshot snapshot);

 private:
  std::atomic<bool> wanted_{false};
  std::mutex mutex_;
  std::condition_variable handed_;
  std::optional<Snapshot> snapshot_;
};

}  // namespace vitrine
