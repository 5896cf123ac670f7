#include "audience/v4l2_source.hpp"

#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "capture.hpp"

namespace vitrine {
namespace {

// One being filled, one waiting to be, one with us, one for a late wake-up.
constexpr std::uint32_t kBuffers = 4;

// 0, or why not. The only caller of ioctl here.
int control(const FileDescriptor& file, unsigned long request, void* argument) {
  for (;;) {
    if (::ioctl(file.get(), request, argument) == 0) return 0;
    if (errno != EINTR) return errno;
  }
}

Error failed(const std::string& doing, int error) {
  if (error == ENODEV) return fail(ErrorCode::unavailable, "it is gone");
  return fail(ErrorCode::unavailable, doing + ": " + std::strerror(error));
}

// A capture buffer of the driver's in our memory. Move-only.
class Mapping {
 public:
  Mapping(void* at, std::size_t bytes) : at_(at), bytes_(bytes) {}
  Mapping(Mapping&& other) noexcept
      : at_(std::exchange(other.at_, nullptr)), bytes_(other.bytes_) {}
  Mapping& operator=(Mapping&&) = delete;
  ~Mapping() {
    if (at_) ::munmap(at_, bytes_);
  }
  ByteView bytes() const { return {static_cast<const std::uint8_t*>(at_), bytes_}; }

 private:
  void* at_;
  std::size_t bytes_;
};

v4l2_buffer empty_buffer(std::uint32_t index = 0) {
  v4l2_buffer buffer{};
  buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  buffer.memory = V4L2_MEMORY_MMAP;
  buffer.index = index;
  return buffer;
}

class V4l2Device final : public CaptureDevice {
 public:
  V4l2Device(FileDescriptor file, const Clock& clock) : file_(std::move(file)), clock_(clock) {}
  ~V4l2Device() override {
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    (void)control(file_, VIDIOC_STREAMOFF, &type);
  }

  Result<PictureLayout> settle_format() {
    v4l2_capability can{};
    if (const int error = control(file_, VIDIOC_QUERYCAP, &can)) {
      if (error == ENOTTY || error == EINVAL) {
        return fail(ErrorCode::invalid, "it is no V4L2 device");
      }
      return failed("cannot ask what it is", error);
    }
    const std::uint32_t caps =
        can.capabilities & V4L2_CAP_DEVICE_CAPS ? can.device_caps : can.capabilities;
    if ((caps & V4L2_CAP_VIDEO_CAPTURE) == 0 || (caps & V4L2_CAP_STREAMING) == 0) {
      return fail(ErrorCode::invalid, caps & V4L2_CAP_VIDEO_CAPTURE_MPLANE
                                          ? "it captures in several planes, which is not read here"
                                          : "it captures no video by streaming");
    }
    v4l2_format format{};
    format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    if (const int error = control(file_, VIDIOC_G_FMT, &format)) {
      return failed("cannot ask for its format", error);
    }
    if (const auto wish = format_to_ask_for(stated(format))) {
      format = {};
      format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
      format.fmt.pix.pixelformat = wish->fourcc;
      format.fmt.pix.width = wish->width;
      format.fmt.pix.height = wish->height;
      format.fmt.pix.field = V4L2_FIELD_ANY;
      if (const int error = control(file_, VIDIOC_S_FMT, &format)) {
        return failed("cannot set " + fourcc_name(wish->fourcc), error);
      }
    }
    return picture_layout(stated(format));
  }

  Status start(const PictureLayout& layout) {
    v4l2_requestbuffers wish{};
    wish.count = kBuffers;
    wish.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    wish.memory = V4L2_MEMORY_MMAP;
    if (const int error = control(file_, VIDIOC_REQBUFS, &wish)) {
      return failed("cannot get buffers", error);
    }
    if (wish.count < 2) return fail(ErrorCode::unavailable, "it has no two buffers");
    for (std::uint32_t index = 0; index < wish.count; ++index) {
      if (auto mapped = map(index, layout); !mapped) return mapped;
      if (auto queued = put_back(static_cast<int>(index)); !queued) return queued;
    }
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    if (const int error = control(file_, VIDIOC_STREAMON, &type)) {
      return failed("cannot start", error);
    }
    return ok();
  }

  Status wait(Micros until) override {
    const Micros left = std::clamp<Micros>(until - clock_.boottime(), 0, kMinute);
    pollfd entry{file_.get(), POLLIN, 0};
    // Rounded up, or the last millisecond would be spent asking again and again.
    const int got = ::poll(&entry, 1, static_cast<int>((left + kMillisecond - 1) / kMillisecond));
    if (got < 0 && errno != EINTR) return failed("cannot wait", errno);
    if (got > 0 && (entry.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) {
      return fail(ErrorCode::unavailable, "it is gone");
    }
    return ok();
  }

  Result<std::optional<Captured>> dequeue() override {
    v4l2_buffer buffer = empty_buffer();
    if (const int error = control(file_, VIDIOC_DQBUF, &buffer)) {
      if (error == EAGAIN) return std::optional<Captured>{};
      return failed("cannot take a frame", error);
    }
    if (buffer.index >= buffers_.size()) {
      return fail(ErrorCode::unavailable, "it hands out a buffer that it never had");
    }
    Captured captured;
    captured.buffer = static_cast<int>(buffer.index);
    captured.whole = (buffer.flags & V4L2_BUF_FLAG_ERROR) == 0;
    const ByteView room = buffers_[buffer.index].bytes();
    captured.bytes = room.first(std::min<std::size_t>(buffer.bytesused, room.size()));
    if ((buffer.flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) == V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC) {
      captured.stamp =
          boottime_of(clock_, Micros{buffer.timestamp.tv_sec} * kSecond + buffer.timestamp.tv_usec);
    }
    return std::optional(captured);
  }

  Status put_back(int index) override {
    v4l2_buffer buffer = empty_buffer(static_cast<std::uint32_t>(index));
    if (const int error = control(file_, VIDIOC_QBUF, &buffer)) {
      return failed("cannot give a buffer back", error);
    }
    return ok();
  }

 private:
  static CaptureFormat stated(const v4l2_format& format) {
    const v4l2_pix_format& pix = format.fmt.pix;
    return {pix.pixelformat, pix.width, pix.height, pix.bytesperline};
  }

  Status map(std::uint32_t index, const PictureLayout& layout) {
    v4l2_buffer buffer = empty_buffer(index);
    if (const int error = control(file_, VIDIOC_QUERYBUF, &buffer)) {
      return failed("cannot ask for a buffer", error);
    }
    if (buffer.length < layout.bytes) {
      return fail(ErrorCode::invalid,
                  "its buffers of " + std::to_string(buffer.length) + " bytes are too short for " +
                      std::to_string(layout.width) + "x" + std::to_string(layout.height));
    }
    void* at = ::mmap(nullptr, buffer.length, PROT_READ, MAP_SHARED, file_.get(),
                      static_cast<off_t>(buffer.m.offset));
    if (at == MAP_FAILED) return failed("cannot map a buffer", errno);
    buffers_.emplace_back(at, buffer.length);
    return ok();
  }

  FileDescriptor file_;
  const Clock& clock_;
  std::vector<Mapping> buffers_;  // unmapped before the descriptor closes
};

Error not_opened(int error) {
  switch (error) {
    case ENOENT:
      return fail(ErrorCode::not_found, "it does not exist");
    case EACCES:
    case EPERM:
      return fail(ErrorCode::denied, std::strerror(error));
    case ENODEV:
    case ENXIO:
      return fail(ErrorCode::not_found, "no device behind it");
    default:
      return fail(ErrorCode::unavailable, std::strerror(error));
  }
}

}  // namespace

Result<std::unique_ptr<FrameSource>> open_v4l2_source(const fs::path& path, const Clock& clock,
                                                      const V4l2SourceOptions& options) {
  const std::string named = "camera " + path.string();
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!file.open()) return not_opened(errno).context(named);
  auto device = std::make_unique<V4l2Device>(std::move(file), clock);
  const auto layout = device->settle_format();
  if (!layout) return layout.error().context(named);
  if (auto started = device->start(*layout); !started) {
    return std::move(started).error().context(named);
  }
  return make_capture_source(std::move(device), *layout, named, clock, options.most_fps);
}

}  // namespace vitrine
