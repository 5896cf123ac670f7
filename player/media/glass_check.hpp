// Once a minute at least, and at the first flip, the picture is read back from where it is scanned
// out and compared with what was handed over. A flip that succeeds is no proof: a driver may show
// an old buffer for ever, another window may lie over ours. Where pictures change it is three times
// a minute, each time at another picture than the last, for the one that got stuck comes back in a
// loop and looks right then.
//
// A glass that does not show what it is handed is opened anew, once; where that does not help it is
// played on, for it may be the check that is wrong, but nothing counts as presented any more.
#pragma once

#include <functional>
#include <string>

#include "base/math.hpp"
#include "player/output.hpp"

namespace vitrine {

class GlassCheck {
 public:
  // Hears when the glass begins not to follow, and why; empty: it does again. May be null.
  using Trouble = std::function<void(const std::string& text)>;
  GlassCheck(Output& output, Trouble trouble) : output_(output), trouble_(std::move(trouble)) {}

  // Around each flip, `now` on CLOCK_BOOTTIME. An error: the output is to be taken for lost.
  void before(const Picture& picture, Micros now);
  Status after(Micros now);

  // What was handed over is not what was seen, from the last check on.
  bool belied() const { return belied_; }

 private:
  Output& output_;
  Trouble trouble_;
  Micros may_be_at_ = 0, must_be_at_ = 0;  // the next
  Hash256 checked_{};                      // of the picture that was there at the last, some rows
  bool checking_ = false;
  bool belied_ = false;
  int good_in_a_row_ = 0;  // checks since it was
  Micros opened_anew_ = kAbsent;
  std::string unreadable_;  // said once
};

}  // namespace vitrine
