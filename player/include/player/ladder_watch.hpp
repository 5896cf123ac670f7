// Keeps player/ladder: counts a start before anything is shown, and an end when it is one.
#pragma once

#include <atomic>

#include "platform/clock.hpp"
#include "player/ladder.hpp"
#include "player/troubles.hpp"

namespace vitrine {

// All borrowed. begin(), tick() and end() on whatever thread, never two at once; safe() on any.
class LadderWatch {
 public:
  LadderWatch(const Clock& clock, StatePaths paths, Troubles& troubles, LadderRules rules = {})
      : clock_(clock), paths_(std::move(paths)), troubles_(troubles), rules_(rules) {}

  // First of all. A reboot is asked for by run/player/reboot-wanted, which holds the reason; the
  // player goes on meanwhile. What acts on that file is the service's business.
  void begin();
  void tick();  // a few times a second
  void end();   // after a stop that was asked for

  bool safe() const { return safe_; }

 private:
  bool write();

  const Clock& clock_;
  StatePaths paths_;
  Troubles& troubles_;
  LadderRules rules_;
  LadderState state_;
  Micros begun_at_ = 0;
  bool good_ = false;  // it has lasted, and that is noted
  std::atomic<bool> safe_{false};
};

}  // namespace vitrine
