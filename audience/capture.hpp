// A capturing device as a camera, without the device: what of its formats we read, how a buffer
// becomes a grey frame, which of the frames count. Kernel calls are in v4l2_source.cpp.
#pragma once

#include <optional>
#include <string>

#include "audience/frame_source.hpp"
#include "platform/clock.hpp"

namespace vitrine {

constexpr std::uint32_t fourcc(const char (&name)[5]) {
  std::uint32_t code = 0;
  for (int i = 3; i >= 0; --i) code = code << 8 | static_cast<std::uint8_t>(name[i]);
  return code;
}
std::string fourcc_name(std::uint32_t code);  // "YUYV"; bytes that are no letters become '?'

// What a device states of its pictures. Nothing of it is trusted.
struct CaptureFormat {
  std::uint32_t fourcc = 0;
  std::uint32_t width = 0, height = 0;  // pixels
  std::uint32_t stride = 0;             // bytes from row to row of the first plane; 0 = no padding
};

// nullopt: the device may stay as it is set. Else what to ask for; it may answer with another.
std::optional<CaptureFormat> format_to_ask_for(const CaptureFormat& now);

// Where a picture lies in a buffer.
struct PictureLayout {
  std::uint32_t fourcc = 0;
  int width = 0, height = 0;
  std::size_t stride = 0;
  std::size_t bytes = 0;  // up to the last pixel: a shorter buffer holds no whole picture
};
// Errors: a format we do not read, by its fourcc; a size that cannot be.
Result<PictureLayout> picture_layout(const CaptureFormat& format);
// Luma, and chroma where there is any. False, and nothing touched, when `buffer` is too short.
bool copy_picture(ByteView buffer, const PictureLayout& layout, Frame& out);

// Thins a stream to so many frames a second. Half a period of grace, so that a camera of just that
// rate loses no frame to jitter.
class FrameLimiter {
 public:
  explicit FrameLimiter(int most_fps) : period_(kSecond / most_fps) {}
  bool take(Micros at);  // whether the frame captured at `at` (rising) is to be handed out

 private:
  Micros period_;
  std::optional<Micros> due_;
};

// One buffer that the device has filled. It is ours until put back.
struct Captured {
  int buffer = 0;
  bool whole = true;            // false: the device says that it is damaged
  std::optional<Micros> stamp;  // CLOCK_BOOTTIME of the capture; nullopt = the device tells none
  ByteView bytes;               // valid until put back; no more than the device has filled
};

// One thread. Errors mean that the device is gone.
class CaptureDevice {
 public:
  virtual ~CaptureDevice() = default;
  // Until a buffer is filled or `until` (CLOCK_BOOTTIME) has come; a signal may end it early.
  virtual Status wait(Micros until) = 0;
  virtual Result<std::optional<Captured>> dequeue() = 0;  // the oldest filled one; never waits
  virtual Status put_back(int buffer) = 0;
};

// `named` begins every error; `clock` must outlive the source.
std::unique_ptr<FrameSource> make_capture_source(std::unique_ptr<CaptureDevice> device,
                                                 const PictureLayout& layout, std::string named,
                                                 const Clock& clock, int most_fps);

}  // namespace vitrine
