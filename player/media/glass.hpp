// What is on the glass now: owns the picture shown last, so that it can be flipped again, and feeds
// the watchdog.
#pragma once

#include "base/math.hpp"
#include "glass_check.hpp"
#include "player/output.hpp"
#include "player/source.hpp"

namespace vitrine {

class Glass {
 public:
  explicit Glass(Output& output, GlassCheck::Trouble trouble = {})
      : output_(output),
        pool_(output.width(), output.height()),
        check_(output, std::move(trouble)) {}

  // Flips at the first vblank at or after `target`. The frame shown before is let go; on an error
  // the new one is, and the old one counts as still there.
  Result<Flip> show(Frame frame, Micros target);
  // The same picture again. Only when lit().
  Result<Flip> again(Micros target);
  // A plain card for the time when nothing may be shown.
  Result<Flip> show_status(Micros target);

  bool lit() const { return shown_.owner != nullptr; }
  const Frame& on_glass() const { return shown_; }  // when lit()
  Micros last_flip() const { return last_flip_; }
  bool belied() const { return check_.belied(); }  // it was not seen, whatever the flips say
  Output& output() { return output_; }
  PicturePool& pool() { return pool_; }

 private:
  Result<Flip> flip(const Picture& picture, Micros target);

  Output& output_;
  PicturePool pool_;
  GlassCheck check_;
  Frame shown_;  // owned by nobody: nothing was shown yet
  Frame status_;
  Micros last_flip_ = 0;
  Micros fed_at_ = kAbsent;
};

}  // namespace vitrine
