// What is on the glass now: owns the picture shown last, so that it can be flipped again, and feeds
// the watchdog.
#pragma once

#include "base/math.hpp"
#include "glass_check.hpp"
#include "player/output.hpp"
#include "player/scene.hpp"
#include "player/source.hpp"

namespace vitrine {

class Glass {
 public:
  explicit Glass(Output& output, GlassCheck::Trouble trouble = {})
      : output_(output),
        pool_(output.width(), output.height()),
        check_(output, std::move(trouble)) {}

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
  // The whole picture last shown, when lit(). Of a scene it is a copy.
  Frame on_glass() const;
  Micros last_flip() const { return last_flip_; }
  bool belied() const { return check_.belied(); }  // it was not seen, whatever the flips say
  Output& output() { return output_; }
  PicturePool& pool() { return pool_; }

 private:
  Result<Flip> flip(const Frame& frame, Micros target, Scene* scene, bool fresh);

  Output& output_;
  PicturePool pool_;
  GlassCheck check_;
  Frame shown_;                                // owned by nobody: nothing was shown yet
  std::shared_ptr<const PictureBuffer> card_;  // the plain one
  std::shared_ptr<Scene> scene_;
  Picture presented_;    // what the output was handed: the frame, or what a scene made of it
  bool spoilt_ = false;  // the scene holds another frame than the one shown
  Micros last_flip_ = 0;
  Micros fed_at_ = kAbsent;
};

}  // namespace vitrine
