// The calls that a V4L2 camera is driven by, as one small table: the kernel stands behind it in the
// field (v4l2_calls.cpp), a replayed device in tests. Structures and request numbers are those of
// linux/videodev2.h. Every call returns 0 or an errno, and none waits longer than it was told to.
// One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "platform/clock.hpp"
#include "platform/file.hpp"

namespace vitrine {

class V4l2Calls {
 public:
  virtual ~V4l2Calls() = default;  // closes the device
  // An ioctl, made again when a signal came.
  virtual int control(unsigned long request, void* argument) = 0;
  // Until there is something to dequeue or `until` (CLOCK_BOOTTIME) has come: both 0, as is a
  // signal. ENODEV: the device tells of an error or a hang-up, as one that was pulled does.
  virtual int wait(Micros until) = 0;
  virtual int map(std::size_t bytes, std::uint32_t offset, const std::uint8_t*& at) = 0;
  virtual void unmap(const std::uint8_t* at, std::size_t bytes) = 0;
};

// 0 or an errno.
using OpenV4l2 = std::function<int(const fs::path& device, std::unique_ptr<V4l2Calls>& calls)>;
OpenV4l2 kernel_v4l2(const Clock& clock);  // `clock` must outlive what it opens

}  // namespace vitrine
