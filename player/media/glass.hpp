// What is on the glass now: owns the picture shown last, so that it can be flipped again, and feeds
// the watchdog.
#pragma once

#include "base/math.hpp"
#include "player/output.hpp"
#include "player/source.hpp"

namespace vitrine {

class Glass {
 public:
  explicit Glass(Output& output) : output_(output), pool_(output.width(), output.height()) {}

  // Flips at the first vblank at or after `target`. The frame shown before is let go; on an error
  // the new one is, and the old one counts as still there.
  Result<Flip> show(Frame frame, Micros target);
  // The same picture again. Only when lit().
  Result<Flip> again(Micros target);
  // For the time when nothing may be shown: `picture`, or a plain card where that is null.
  Result<Flip> show_status(std::shared_ptr<const PictureBuffer> picture, Micros target);

  bool lit() const { return shown_.owner != nullptr; }
  Micros last_flip() const { return last_flip_; }
  Output& output() { return output_; }
  PicturePool& pool() { return pool_; }

 private:
  Result<Flip> flip(const Picture& picture, Micros target);

  Output& output_;
  PicturePool pool_;
  Frame shown_;                                // owned by nobody: nothing was shown yet
  std::shared_ptr<const PictureBuffer> card_;  // the plain one
  Micros last_flip_ = 0;
  Micros fed_at_ = kAbsent;
};

}  // namespace vitrine
