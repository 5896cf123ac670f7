// Where frames come from. A frame lives in RAM only, in the buffer the caller owns; nothing here or
// behind it can write one.
#pragma once

#include <functional>
#include <memory>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace vitrine {

struct GreyFrame {
  int width = 0;
  int height = 0;
  Bytes pixels;   // width * height, rows without padding, 0 black .. 255 white
  Micros at = 0;  // CLOCK_BOOTTIME of the capture; rising from frame to frame
  bool restarted =
      false;  // no continuation of the frame before (a clip began anew): tracks end here
};

// Used by one thread.
class FrameSource {
 public:
  virtual ~FrameSource() = default;
  // Waits for the newest frame, on the handed-in clock, no longer than `until` (CLOCK_BOOTTIME):
  // true = `frame` holds it, false = none came. `frame`'s buffer is reused. An error means the
  // source is gone: close it and open anew later.
  virtual Result<bool> next(GreyFrame& frame, Micros until) = 0;
};

using OpenCamera = std::function<Result<std::unique_ptr<FrameSource>>()>;

}  // namespace vitrine
