// Draws the status picture on a thread of its own for as long as somebody wants it: each second, if
// what it tells has changed. A second after nobody asked any more it rests, and costs nothing.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "player/picture.hpp"
#include "player/status_facts.hpp"

namespace vitrine {

class StatusDrawer {
 public:
  using Gather = std::function<StatusFacts()>;  // called on the drawing thread
  StatusDrawer(Gather gather, int width, int height);
  ~StatusDrawer();
  StatusDrawer(const StatusDrawer&) = delete;
  StatusDrawer& operator=(const StatusDrawer&) = delete;

  // The newest picture; a newer one is on its way from now on. The first is waited for, a second at
  // most; null: it was not ready by then. Any thread.
  std::shared_ptr<const PictureBuffer> newest();
  // The pictures drawn so far.
  int drawn() const;

 private:
  void work();

  Gather gather_;
  int width_, height_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool wanted_ = false, stopping_ = false;
  int drawn_ = 0;
  std::shared_ptr<const PictureBuffer> newest_;
  std::thread thread_;  // last: it uses everything above
};

}  // namespace vitrine
