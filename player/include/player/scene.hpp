// What an item is shown within: the presenter's view of it. The stage makes scenes
// (player/stage.hpp); an item without one fills the glass with its own frames, untouched.
#pragma once

#include "base/time.hpp"
#include "player/picture.hpp"

namespace vitrine {

class Scene {
 public:
  virtual ~Scene() = default;
  // All that is slow, on the item's own thread before its file is opened. What cannot be drawn is
  // left out and logged.
  virtual void prepare() = 0;
  // Its pictures have the size that the item's frames are to have. Any thread.
  virtual PicturePool& pool() = 0;
  // Something in it moves: every vblank wants a picture of its own.
  virtual bool moves() const = 0;
  // The whole picture for the vblank at `at`. `fresh`: the frame is not that of the call before.
  // Valid until the next call. On the presenting thread.
  virtual Picture compose(const Picture& frame, bool fresh, Micros at) = 0;
};

}  // namespace vitrine
