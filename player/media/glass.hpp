// What is on the glass now: owns the picture shown last, so that it can be flipped again, and feeds
// the watchdog.
#pragma once

#include <memory>

#include "base/math.hpp"
#include "item_reader.hpp"
#include "player/output.hpp"

namespace vitrine {

class Glass {
 public:
  explicit Glass(Output& output) : output_(output), pool_(output.width(), output.height()) {}

  // Flips at the first vblank at or after `target`. The picture shown before goes back to the pool;
  // on an error the new one does, and the old one counts as still there.
  Result<Flip> show(std::unique_ptr<PictureBuffer> picture, Micros target);
  // The same picture again. Only when lit().
  Result<Flip> again(Micros target);
  // A plain card for the time when nothing may be shown.
  Result<Flip> show_status(Micros target);

  bool lit() const { return up_ != nullptr; }
  Micros last_flip() const { return last_flip_; }
  Output& output() { return output_; }
  PicturePool& pool() { return pool_; }

 private:
  Result<Flip> flip(const PictureBuffer& picture, Micros target);

  Output& output_;
  PicturePool pool_;
  std::unique_ptr<PictureBuffer> shown_;
  std::unique_ptr<PictureBuffer> status_;
  const PictureBuffer* up_ = nullptr;  // shown_ or status_
  Micros last_flip_ = 0;
  Micros fed_at_ = kAbsent;
};

}  // namespace vitrine
