// A Linux camera (V4L2, single-plane) as grey frames, by mmap and poll with a deadline: no call
// here waits for a device that has stopped answering.
#pragma once

#include "audience/frame_source.hpp"
#include "platform/clock.hpp"
#include "platform/file.hpp"

namespace vitrine {

struct V4l2SourceOptions {
  int most_fps = 10;  // of a faster camera only so many frames a second are handed out
};

// A camera that is set to YUYV, NV12 or GREY, at most 1280 wide, is left as it is set; any other
// is asked for 640x480. `clock` must outlive the source. Errors name the device: `not_found` it is
// not there, `denied` no right to it, `invalid` no camera or a format we do not read, `unavailable`
// the rest. From next(): no whole frame for 5 s, or the device is gone.
Result<std::unique_ptr<FrameSource>> open_v4l2_source(const fs::path& device, const Clock& clock,
                                                      const V4l2SourceOptions& options = {});

}  // namespace vitrine
