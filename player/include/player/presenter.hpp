// The loop that never shows an idle surface. While one item is on the glass the next is opened and its first frame decoded
// (Cold -> Opening -> Primed -> OnScreen -> Draining -> Done | Failed); at the seam the new first frame replaces the old
// last one at a vblank. Late: the last frame is held, and after `late_limit` the item is skipped. The timeline is
// anchored anew at each item.
#pragma once

#include <atomic>

#include "player/output.hpp"
#include "player/programme.hpp"
#include "platform/service.hpp"

namespace vitrine {

struct PresenterOptions {
  Micros least_lead = 1 * kSecond;  // lead = 2 x the slowest prime seen of this codec, within these
  Micros most_lead = 5 * kSecond;
  Micros late_limit = 3 * kSecond;
  int decoder_threads = 1;
};

class Presenter {
 public:
  Presenter(const Clock& clock, Output& output, Programme& programme, const PresenterOptions& options);
  // Shows until request_stop(); the item then on the glass ends with cut cause `stopped`. Feeds the watchdog on every
  // flip (at least one a second, stills included).
  void run();
  void request_stop() { stop_ = true; }  // any thread

 private:
  const Clock& clock_;
  Output& output_;
  Programme& programme_;
  PresenterOptions options_;
  std::atomic<bool> stop_{false};
};

}  // namespace vitrine
