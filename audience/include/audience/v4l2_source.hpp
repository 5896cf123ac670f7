// A Linux camera (V4L2, single-plane) as frames, by mmap and poll with a deadline: no call here
// waits for a device that has stopped answering. Where the camera carries its own clock's stamps
// (CLOCK_MONOTONIC), a frame's time is theirs, brought to CLOCK_BOOTTIME by the difference of the
// two clocks when the frame is taken; else it is the time of taking it.
#pragma once

#include "audience/frame_source.hpp"
#include "platform/clock.hpp"
#include "platform/file.hpp"

namespace vitrine {

struct V4l2SourceOptions {
  int most_fps = 10;  // of a faster camera only so many frames a second are handed out
};

// NV12, YUYV, GREY or MJPG, near 640x480, ten times a second; in that order, because the first
// three are copied and MJPG has to be decoded (audience/capture_mode.hpp). A camera that somebody
// has set to one of the first three, 160 to 1280 wide, is left so. One that answers with something
// else than what it was asked for is taken as it answers. `clock` must outlive the source. Errors
// name the device: `not_found` it is not there, `denied` no right to it, `invalid` no camera or a
// format we do not read, `unavailable` the rest, such as a camera that another program holds. From
// next(): no whole frame for 5 s, or the device is gone.
Result<std::unique_ptr<FrameSource>> open_v4l2_source(const fs::path& device, const Clock& clock,
                                                      const V4l2SourceOptions& options = {});

// The first camera among video0, video1, .. of `directory` that opens: a module that is plugged
// again may come back under another number, and a camera has more than one (the others give no
// pictures). The error is that of the most promising one.
Result<std::unique_ptr<FrameSource>> open_any_v4l2_source(const fs::path& directory,
                                                          const Clock& clock,
                                                          const V4l2SourceOptions& options = {});

}  // namespace vitrine
