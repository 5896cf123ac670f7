// What is on the glass now: owns the picture shown last, so that it can be flipped again, and feeds
// the watchdog.
#pragma once

#include "base/math.hpp"
#include "player/output.hpp"
#include "player/scene.hpp"
#include "player/source.hpp"

namespace vitrine {

class Glass {
 public:
  explicit Glass(Output& output) : output_(output), pool_(output.width(), output.height()) {}

  // Flips at the first vblank at or after `target`, within the scene where there is one. The frame
  // shown before is let go; on an error the new one is, and the old one counts as still there.
  Result<Flip> show(Frame frame, Micros target, std::shared_ptr<Scene> scene = nullptr);
  // The same picture again. Only when lit().
  Result<Flip> again(Micros target);
  // For the time when nothing may be shown: `picture`, or a plain card where that is null.
  Result<Flip> show_status(std::shared_ptr<const PictureBuffer> picture, Micros target);

  // For when the panel cannot be switched off.
  Result<Flip> show_black(Micros target);

  bool lit() const { return shown_.owner != nullptr; }
  // The same picture is another one at each vblank.
  bool moves() const { return scene_ && scene_->moves(); }
  Micros last_flip() const { return last_flip_; }
  Output& output() { return output_; }
  PicturePool& pool() { return pool_; }

 private:
  Result<Flip> flip(const Frame& frame, Micros target, Scene* scene, bool fresh);

  Output& output_;
  PicturePool pool_;
  Frame shown_;                                // owned by nobody: nothing was shown yet
  std::shared_ptr<const PictureBuffer> card_;  // the plain one
  std::shared_ptr<Scene> scene_;
  bool spoilt_ = false;  // the scene holds another frame than the one shown
  Micros last_flip_ = 0;
  Micros fed_at_ = kAbsent;
};

}  // namespace vitrine
