// Loads the store from the spool on a thread of its own, in the time that nobody else wants: taking
// batches down and acknowledging them goes before. The store may lag; nothing is lost by that, for
// it goes on from the spool.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "backflow/store.hpp"

namespace vitrine {

class StoreLoader {
 public:
  // Begins at once with what the spool holds up to `durable`.
  StoreLoader(Store store, SpoolPosition durable);
  // Ends after the transaction under way.
  ~StoreLoader();
  StoreLoader(const StoreLoader&) = delete;
  StoreLoader& operator=(const StoreLoader&) = delete;

  // The spool is on disk up to here. More must not be loaded: a power cut would take it from the
  // spool, and the store would go on from a place that other records have by then.
  void durable_until(SpoolPosition position);

 private:
  void work();

  Store store_;
  std::mutex mutex_;  // guards the two below
  SpoolPosition durable_;
  bool stop_ = false;
  std::condition_variable changed_;
  std::thread thread_;  // last: the rest exists when it starts
};

}  // namespace vitrine
