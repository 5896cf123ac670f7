// Where frames come from. A frame lives in RAM only, in the buffer the caller owns; nothing here or
// behind it can write one.
#pragma once

#include <functional>
#include <memory>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace vitrine {

// Planes without padding. Luma and chroma are those of BT.601 or near it; a detector that needs
// colour makes it itself.
struct Frame {
  int width = 0;
  int height = 0;
  Bytes luma;  // width * height, 0 black .. 255 white
  // 4:2:0, chroma_width() * chroma_height() each, 128 = none. Both empty: the source is grey.
  Bytes cb, cr;
  // Black is 0 and white 255 (JPEG, RGB); else they are nominally 16 and 235.
  bool full_range = false;
  Micros at = 0;  // CLOCK_BOOTTIME of the capture; rising from frame to frame
  // No continuation of the frame before (a clip began anew): tracks end here.
  bool restarted = false;

  int chroma_width() const { return (width + 1) / 2; }
  int chroma_height() const { return (height + 1) / 2; }
  bool coloured() const { return !cb.empty(); }
};

// Used by one thread.
class FrameSource {
 public:
  virtual ~FrameSource() = default;
  // Waits for the newest frame, on the handed-in clock, no longer than `until` (CLOCK_BOOTTIME):
  // true = `frame` holds it, false = none came. `frame`'s buffer is reused. An error means the
  // source is gone: close it and open anew later.
  virtual Result<bool> next(Frame& frame, Micros until) = 0;
};

using OpenCamera = std::function<Result<std::unique_ptr<FrameSource>>()>;

}  // namespace vitrine
