// Cameras as their drivers answered on real machines, behind the table of calls: what they say of
// themselves is from published `v4l2-ctl --all` and `--list-formats-ext` output, named at each,
// and for vivid, the kernel's own test driver, from how tests/device uses it;
// what they do is the behaviour of the kernel's videobuf2 and uvcvideo. Frames come on the test's
// clock.
#pragma once

#include <fcntl.h>
#include <linux/videodev2.h>

#include <cerrno>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "capture.hpp"
#include "manual_clock.hpp"
#include "v4l2_calls.hpp"

namespace vitrine::testing {

struct CameraRecord {
  struct Size {
    std::uint32_t width = 0, height = 0;
    std::vector<v4l2_fract> intervals;
  };
  struct Format {
    std::uint32_t fourcc = 0;
    std::vector<Size> sizes;  // discrete
    bool stepwise = false;    // else `range`
    v4l2_frmsize_stepwise range{};
  };
  std::string driver, card;
  std::uint32_t capabilities = 0, device_caps = 0;
  CaptureFormat set;  // what it was found set to
  std::uint32_t size_image = 0;
  std::vector<Format> formats;
  bool times_frames = true;  // V4L2_CAP_TIMEPERFRAME
};

// Sunplus 1bcf:28c4 "FHD Camera Microphone" on uvcvideo, Linux 5.15.83, as printed in a public page
// on finding faults of USB cameras (host "duo"). Found set to MJPG 800x600, 960000 bytes.
inline CameraRecord uvc_camera() {
  constexpr std::uint32_t kMjpg = fourcc("MJPG"), kYuyv = fourcc("YUYV");
  const v4l2_fract f30{1, 30}, f25{1, 25}, f15{1, 15}, f10{1, 10}, f7{2, 15}, f5{1, 5};
  return {"uvcvideo",
          "FHD Camera Microphone: FHD Came",
          0x84a00001,
          0x04200001,
          {kMjpg, 800, 600, 0},
          960000,
          {{kMjpg,
            {{640, 480, {f30}},
             {1600, 896, {f30}},
             {1280, 720, {f30}},
             {1024, 576, {f30}},
             {800, 600, {f30}},
             {800, 480, {f30}},
             {640, 360, {f30}},
             {424, 240, {f30}},
             {352, 288, {f30}},
             {1920, 1080, {f30}}}},
           {kYuyv,
            {{640, 480, {f30}},
             {1600, 896, {f7}},
             {1280, 720, {f10}},
             {1024, 576, {f10}},
             {800, 600, {f15}},
             {800, 480, {f25}},
             {640, 360, {f30}},
             {424, 240, {f30}},
             {352, 288, {f30}},
             {1920, 1080, {f5}}}}}};
}
// The second node that uvcvideo makes of each camera (Integrated_Webcam_HD on Linux 6.1.2, in a
// thread of the linux-media list): it has metadata, no pictures.
inline CameraRecord uvc_metadata() {
  return {"uvcvideo", "Integrated_Webcam_HD: Integrate", 0x84a00001, 0x04a00000, {}, 0, {}};
}
// The same camera, had it only Motion JPEG: many have.
inline CameraRecord mjpeg_camera() {
  CameraRecord record = uvc_camera();
  record.formats.pop_back();
  return record;
}
// The Raspberry Pi's old camera driver, Linux 4.19.97, found set to 32x32 BGR3
// (openastroproject/openastro#468); the first of its formats (Motion-Project/motion#940).
inline CameraRecord pi_camera() {
  const v4l2_frmsize_stepwise any{32, 2592, 2, 32, 1944, 2};
  CameraRecord record{"bm2835 mmal",
                      "mmal service 16.1",
                      0x85200005,
                      0x05200005,
                      {fourcc("BGR3"), 32, 32, 96},
                      3072,
                      {}};
  for (const std::uint32_t code : {fourcc("YU12"), fourcc("YUYV"), fourcc("RGB3"), fourcc("JPEG"),
                                   fourcc("H264"), fourcc("MJPG"), fourcc("YVYU")}) {
    record.formats.push_back({code, {}, true, any});
  }
  return record;
}
// vivid's HDMI input as tests/device sets it: it lists no sizes there and takes no rate.
inline CameraRecord vivid_input() {
  return {"vivid",
          "vivid",
          0x85200001,
          0x05200001,
          {fourcc("YUYV"), 320, 240, 640},
          153600,
          {{fourcc("YUYV"), {}}, {fourcc("NV12"), {}}, {fourcc("GREY"), {}}},
          false};
}

// What is plugged in, and what goes wrong. Shared by all that open it.
struct ReplayedCamera {
  explicit ReplayedCamera(const ManualClock& at, CameraRecord of = uvc_camera())
      : clock(at), record(std::move(of)) {}

  const ManualClock& clock;
  CameraRecord record;
  // All bytes of a frame, by its number from 1; default: a raw one of that brightness.
  std::function<Bytes(int)> content;
  int fps = 30;
  bool unplugged = false;                     // every call says so, as after a disconnect
  bool hangs = false;                         // no frame any more, nothing else wrong
  bool deaf = false;                          // S_FMT is answered with what was set before
  std::uint32_t refused = 0;                  // S_FMT of this format fails with EINVAL
  int held_by_other = 0;                      // errno of S_FMT and STREAMON
  std::set<int> flagged;                      // frames with V4L2_BUF_FLAG_ERROR
  std::map<int, std::uint32_t> short_frames;  // bytesused of these
  Micros stamp_offset = 0;                    // of the driver's stamps

  // What was asked of it.
  int opened = 0, closed = 0, mapped = 0, frames = 0;
  std::vector<CaptureFormat> asked;
  v4l2_fract rate{0, 0};
};

class ReplayedCalls final : public V4l2Calls {
 public:
  explicit ReplayedCalls(ReplayedCamera& camera) : camera_(camera), set_(camera.record.set) {
    ++camera_.opened;
    size_ = camera_.record.size_image;
  }
  ~ReplayedCalls() override { ++camera_.closed; }

  int control(unsigned long request, void* argument) override {
    if (camera_.unplugged) return ENODEV;
    switch (request) {
      case VIDIOC_QUERYCAP:
        return tell_capabilities(*static_cast<v4l2_capability*>(argument));
      case VIDIOC_ENUM_FMT:
        return list_format(*static_cast<v4l2_fmtdesc*>(argument));
      case VIDIOC_ENUM_FRAMESIZES:
        return list_size(*static_cast<v4l2_frmsizeenum*>(argument));
      case VIDIOC_ENUM_FRAMEINTERVALS:
        return list_interval(*static_cast<v4l2_frmivalenum*>(argument));
      case VIDIOC_G_FMT:
        tell_format(*static_cast<v4l2_format*>(argument));
        return 0;
      case VIDIOC_S_FMT:
        return set_format(*static_cast<v4l2_format*>(argument));
      case VIDIOC_G_PARM: {
        auto& parameters = *static_cast<v4l2_streamparm*>(argument);
        if (!camera_.record.times_frames) return ENOTTY;
        parameters.parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
        parameters.parm.capture.timeperframe = {1, 30};
        return 0;
      }
      case VIDIOC_S_PARM:
        camera_.rate = static_cast<v4l2_streamparm*>(argument)->parm.capture.timeperframe;
        return 0;
      case VIDIOC_REQBUFS:
        buffers_.assign(static_cast<v4l2_requestbuffers*>(argument)->count, Bytes(size_));
        return 0;
      case VIDIOC_QUERYBUF: {
        auto& buffer = *static_cast<v4l2_buffer*>(argument);
        buffer.length = size_;
        buffer.m.offset = buffer.index * 4096;
        return 0;
      }
      case VIDIOC_QBUF:
        queued_.push_back(static_cast<v4l2_buffer*>(argument)->index);
        return 0;
      case VIDIOC_DQBUF:
        return dequeue(*static_cast<v4l2_buffer*>(argument));
      case VIDIOC_STREAMON:
        if (camera_.held_by_other != 0) return camera_.held_by_other;
        streaming_ = true;
        next_ = camera_.clock.boottime() + period();
        return 0;
      case VIDIOC_STREAMOFF:
        streaming_ = false;
        return 0;
      default:
        return ENOTTY;
    }
  }

  int wait(Micros until) override {
    if (camera_.unplugged) return ENODEV;
    fill();
    if (!filled_.empty()) return 0;
    const bool comes = streaming_ && !camera_.hangs && !queued_.empty();
    camera_.clock.sleep_until(comes ? std::min(until, next_) : until);
    return 0;
  }

  int map(std::size_t, std::uint32_t offset, const std::uint8_t*& at) override {
    at = buffers_[offset / 4096].data();
    ++camera_.mapped;
    return 0;
  }
  void unmap(const std::uint8_t*, std::size_t) override { --camera_.mapped; }

 private:
  Micros period() const { return kSecond / camera_.fps; }

  int tell_capabilities(v4l2_capability& can) const {
    can = {};
    std::strncpy(reinterpret_cast<char*>(can.driver), camera_.record.driver.c_str(),
                 sizeof can.driver - 1);
    can.capabilities = camera_.record.capabilities;
    can.device_caps = camera_.record.device_caps;
    return 0;
  }
  int list_format(v4l2_fmtdesc& described) const {
    if (described.index >= camera_.record.formats.size()) return EINVAL;
    described.pixelformat = camera_.record.formats[described.index].fourcc;
    described.flags = described.pixelformat == fourcc("MJPG") ? V4L2_FMT_FLAG_COMPRESSED : 0;
    return 0;
  }
  const CameraRecord::Format* format_of(std::uint32_t code) const {
    for (const auto& format : camera_.record.formats) {
      if (format.fourcc == code) return &format;
    }
    return nullptr;
  }
  int list_size(v4l2_frmsizeenum& size) const {
    const auto* format = format_of(size.pixel_format);
    if (format == nullptr) return EINVAL;
    if (format->stepwise) {
      if (size.index > 0) return EINVAL;
      size.type = V4L2_FRMSIZE_TYPE_STEPWISE;
      size.stepwise = format->range;
      return 0;
    }
    if (size.index >= format->sizes.size()) return EINVAL;
    size.type = V4L2_FRMSIZE_TYPE_DISCRETE;
    size.discrete = {format->sizes[size.index].width, format->sizes[size.index].height};
    return 0;
  }
  int list_interval(v4l2_frmivalenum& interval) const {
    const auto* format = format_of(interval.pixel_format);
    if (format == nullptr) return EINVAL;
    for (const auto& size : format->sizes) {
      if (size.width != interval.width || size.height != interval.height) continue;
      if (interval.index >= size.intervals.size()) return EINVAL;
      interval.type = V4L2_FRMIVAL_TYPE_DISCRETE;
      interval.discrete = size.intervals[interval.index];
      return 0;
    }
    return EINVAL;
  }

  void tell_format(v4l2_format& format) const {
    format.fmt.pix.pixelformat = set_.fourcc;
    format.fmt.pix.width = set_.width;
    format.fmt.pix.height = set_.height;
    format.fmt.pix.bytesperline = set_.stride;
    format.fmt.pix.sizeimage = size_;
  }
  int set_format(v4l2_format& format) {
    const v4l2_pix_format& pix = format.fmt.pix;
    camera_.asked.push_back({pix.pixelformat, pix.width, pix.height, pix.bytesperline});
    if (camera_.held_by_other != 0) return camera_.held_by_other;
    if (pix.pixelformat == camera_.refused) return EINVAL;
    if (!camera_.deaf && format_of(pix.pixelformat) != nullptr) {
      set_ = {pix.pixelformat, pix.width, pix.height, 0};
      if (set_.fourcc == fourcc("YUYV")) set_.stride = 2 * set_.width;
      if (set_.fourcc == fourcc("NV12") || set_.fourcc == fourcc("GREY")) set_.stride = set_.width;
      size_ = 2 * set_.width * set_.height;
    }
    tell_format(format);
    return 0;
  }

  // As the hardware: into the oldest queued buffer; without one the frame is lost.
  void fill() {
    while (streaming_ && !camera_.hangs && next_ <= camera_.clock.boottime()) {
      const Micros at = next_;
      next_ += period();
      if (queued_.empty()) continue;
      const int number = ++camera_.frames;
      const std::uint32_t index = queued_.front();
      queued_.pop_front();
      v4l2_buffer buffer{};
      buffer.index = index;
      buffer.flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
      if (camera_.flagged.contains(number)) buffer.flags |= V4L2_BUF_FLAG_ERROR;
      const Micros stamp =
          at - camera_.clock.boottime() + camera_.clock.monotonic() + camera_.stamp_offset;
      buffer.timestamp.tv_sec = static_cast<decltype(buffer.timestamp.tv_sec)>(stamp / kSecond);
      buffer.timestamp.tv_usec = static_cast<decltype(buffer.timestamp.tv_usec)>(stamp % kSecond);
      const Bytes bytes = camera_.content ? camera_.content(number)
                                          : Bytes(size_, static_cast<std::uint8_t>(number));
      buffer.bytesused = static_cast<std::uint32_t>(std::min<std::size_t>(bytes.size(), size_));
      std::copy_n(bytes.begin(), buffer.bytesused, buffers_[index].begin());
      const auto cut = camera_.short_frames.find(number);
      if (cut != camera_.short_frames.end()) buffer.bytesused = cut->second;
      filled_.push_back(buffer);
    }
  }
  int dequeue(v4l2_buffer& buffer) {
    fill();
    if (filled_.empty()) return EAGAIN;
    buffer = filled_.front();
    filled_.pop_front();
    return 0;
  }

  ReplayedCamera& camera_;
  FileDescriptor held_{::open("/dev/null", O_RDONLY | O_CLOEXEC)};  // as the device would be
  CaptureFormat set_;
  std::uint32_t size_ = 0;
  bool streaming_ = false;
  Micros next_ = 0;
  std::vector<Bytes> buffers_;
  std::deque<std::uint32_t> queued_;
  std::deque<v4l2_buffer> filled_;
};

// /dev as the tests have it: cameras by path. What is not there is ENOENT.
struct ReplayedMachine {
  std::map<fs::path, ReplayedCamera*> devices;
  int errors_of_open = 0;  // errno of every open

  OpenV4l2 open() {
    return [this](const fs::path& path, std::unique_ptr<V4l2Calls>& calls) {
      if (errors_of_open != 0) return errors_of_open;
      const auto found = devices.find(path);
      if (found == devices.end()) return ENOENT;
      if (found->second->unplugged) return ENODEV;
      calls = std::make_unique<ReplayedCalls>(*found->second);
      return 0;
    };
  }
};

}  // namespace vitrine::testing
