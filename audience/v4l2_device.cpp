#include "v4l2_device.hpp"

#include <linux/videodev2.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "capture_mode.hpp"

namespace vitrine {
namespace {

// One being filled, one waiting to be, one with us, one for a late wake-up.
constexpr std::uint32_t kBuffers = 4;
// A driver that never says "no more" must not keep us here.
constexpr std::uint32_t kMostListed = 64;

Error failed(const std::string& doing, int error) {
  if (error == ENODEV) return fail(ErrorCode::unavailable, "it is gone");
  if (error == EBUSY) return fail(ErrorCode::unavailable, "another program holds it");
  return fail(ErrorCode::unavailable, doing + ": " + std::strerror(error));
}

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
      return failed("cannot open it", error);
  }
}

v4l2_buffer empty_buffer(std::uint32_t index = 0) {
  v4l2_buffer buffer{};
  buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  buffer.memory = V4L2_MEMORY_MMAP;
  buffer.index = index;
  return buffer;
}

class V4l2Device final : public CaptureDevice {
 public:
  V4l2Device(std::unique_ptr<V4l2Calls> calls, const Clock& clock)
      : calls_(std::move(calls)), clock_(clock) {}
  ~V4l2Device() override {
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    (void)calls_->control(VIDIOC_STREAMOFF, &type);
    for (const ByteView& buffer : buffers_) calls_->unmap(buffer.data(), buffer.size());
  }
  V4l2Device(const V4l2Device&) = delete;
  V4l2Device& operator=(const V4l2Device&) = delete;

  Result<PictureLayout> settle_format() {
    if (auto camera = check_camera(); !camera) return std::move(camera).error();
    v4l2_format format{};
    format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    if (const int error = calls_->control(VIDIOC_G_FMT, &format)) {
      return failed("cannot ask for its format", error);
    }
    Result<PictureLayout> layout = picture_layout(stated(format));
    if (!stays(stated(format))) layout = set_format(stated(format));
    if (layout) ask_for_rate();
    return layout;
  }

  Status start(const PictureLayout& layout) {
    v4l2_requestbuffers wish{};
    wish.count = kBuffers;
    wish.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    wish.memory = V4L2_MEMORY_MMAP;
    if (const int error = calls_->control(VIDIOC_REQBUFS, &wish)) {
      return failed("cannot get buffers", error);
    }
    if (wish.count < 2) return fail(ErrorCode::unavailable, "it has no two buffers");
    for (std::uint32_t index = 0; index < wish.count; ++index) {
      if (auto mapped = map(index, layout); !mapped) return mapped;
      if (auto queued = put_back(static_cast<int>(index)); !queued) return queued;
    }
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    if (const int error = calls_->control(VIDIOC_STREAMON, &type)) {
      return failed("cannot start", error);
    }
    return ok();
  }

  Status wait(Micros until) override {
    const int error = calls_->wait(until);
    if (error != 0) return failed("cannot wait", error);
    return ok();
  }

  Result<std::optional<Captured>> dequeue() override {
    v4l2_buffer buffer = empty_buffer();
    if (const int error = calls_->control(VIDIOC_DQBUF, &buffer)) {
      if (error == EAGAIN) return std::optional<Captured>{};
      return failed("cannot take a frame", error);
    }
    if (buffer.index >= buffers_.size()) {
      return fail(ErrorCode::unavailable, "it hands out a buffer that it never had");
    }
    Captured captured;
    captured.buffer = static_cast<int>(buffer.index);
    captured.whole = (buffer.flags & V4L2_BUF_FLAG_ERROR) == 0;
    const ByteView room = buffers_[buffer.index];
    captured.bytes = room.first(std::min<std::size_t>(buffer.bytesused, room.size()));
    if ((buffer.flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) == V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC) {
      captured.stamp =
          boottime_of(clock_, Micros{buffer.timestamp.tv_sec} * kSecond + buffer.timestamp.tv_usec);
    }
    return std::optional(captured);
  }

  Status put_back(int index) override {
    v4l2_buffer buffer = empty_buffer(static_cast<std::uint32_t>(index));
    if (const int error = calls_->control(VIDIOC_QBUF, &buffer)) {
      return failed("cannot give a buffer back", error);
    }
    return ok();
  }

 private:
  static CaptureFormat stated(const v4l2_format& format) {
    const v4l2_pix_format& pix = format.fmt.pix;
    return {pix.pixelformat, pix.width, pix.height, pix.bytesperline};
  }

  Status check_camera() {
    v4l2_capability can{};
    if (const int error = calls_->control(VIDIOC_QUERYCAP, &can)) {
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
    return ok();
  }

  // Each mode in turn, until one answers with something that is read.
  Result<PictureLayout> set_format(const CaptureFormat& now) {
    Result<PictureLayout> layout = picture_layout(now);
    for (const CaptureFormat& mode : modes_to_try(offers())) {
      v4l2_format format{};
      format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
      format.fmt.pix.pixelformat = mode.fourcc;
      format.fmt.pix.width = mode.width;
      format.fmt.pix.height = mode.height;
      format.fmt.pix.field = V4L2_FIELD_ANY;
      if (const int error = calls_->control(VIDIOC_S_FMT, &format)) {
        layout = failed("cannot set " + fourcc_name(mode.fourcc), error);
      } else {
        layout = picture_layout(stated(format));
        if (layout) break;
      }
    }
    return layout;
  }

  // Ten pictures a second; also less light is then needed and less of the bus. Who cannot (an HDMI
  // input, say) sends what it sends.
  void ask_for_rate() {
    v4l2_streamparm parameters{};
    parameters.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    if (calls_->control(VIDIOC_G_PARM, &parameters) != 0 ||
        (parameters.parm.capture.capability & V4L2_CAP_TIMEPERFRAME) == 0) {
      return;
    }
    parameters.parm.capture.timeperframe = {1, kWantedFps};
    (void)calls_->control(VIDIOC_S_PARM, &parameters);
  }

  std::vector<CaptureOffer> offers() {
    std::vector<CaptureOffer> found;
    for (std::uint32_t i = 0; i < kMostListed; ++i) {
      v4l2_fmtdesc described{};
      described.index = i;
      described.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
      if (calls_->control(VIDIOC_ENUM_FMT, &described) != 0) break;
      // What libv4l would make of another format is not the camera's own.
      if ((described.flags & V4L2_FMT_FLAG_EMULATED) != 0) continue;
      if (!picture_layout({described.pixelformat, kWantedWidth, kWantedHeight, 0})) continue;
      add_sizes(described.pixelformat, found);
    }
    return found;
  }

  void add_sizes(std::uint32_t code, std::vector<CaptureOffer>& found) {
    for (std::uint32_t i = 0; i < kMostListed; ++i) {
      v4l2_frmsizeenum size{};
      size.index = i;
      size.pixel_format = code;
      CaptureOffer offer{code, kWantedWidth, kWantedHeight, 0};
      if (calls_->control(VIDIOC_ENUM_FRAMESIZES, &size) != 0) {
        if (i == 0) found.push_back(offer);  // it does not say: any may do
        return;
      }
      if (size.type == V4L2_FRMSIZE_TYPE_DISCRETE) {
        offer.width = size.discrete.width;
        offer.height = size.discrete.height;
      } else {
        const v4l2_frmsize_stepwise& range = size.stepwise;
        offer.width =
            nearest_step(kWantedWidth, range.min_width, range.max_width, range.step_width);
        offer.height =
            nearest_step(kWantedHeight, range.min_height, range.max_height, range.step_height);
      }
      offer.shortest_interval = shortest_interval(offer);
      found.push_back(offer);
      if (size.type != V4L2_FRMSIZE_TYPE_DISCRETE) return;  // one entry holds the whole range
    }
  }

  Micros shortest_interval(const CaptureOffer& offer) {
    Micros shortest = 0;
    for (std::uint32_t i = 0; i < kMostListed; ++i) {
      v4l2_frmivalenum interval{};
      interval.index = i;
      interval.pixel_format = offer.fourcc;
      interval.width = offer.width;
      interval.height = offer.height;
      if (calls_->control(VIDIOC_ENUM_FRAMEINTERVALS, &interval) != 0) break;
      const bool discrete = interval.type == V4L2_FRMIVAL_TYPE_DISCRETE;
      const v4l2_fract& period = discrete ? interval.discrete : interval.stepwise.min;
      if (period.denominator == 0 || period.numerator == 0) continue;
      const Micros told = Micros{period.numerator} * kSecond / period.denominator;
      if (shortest == 0 || told < shortest) shortest = told;
      if (!discrete) break;
    }
    return shortest;
  }

  Status map(std::uint32_t index, const PictureLayout& layout) {
    v4l2_buffer buffer = empty_buffer(index);
    if (const int error = calls_->control(VIDIOC_QUERYBUF, &buffer)) {
      return failed("cannot ask for a buffer", error);
    }
    if (buffer.length < layout.bytes) {
      return fail(ErrorCode::invalid,
                  "its buffers of " + std::to_string(buffer.length) + " bytes are too short for " +
                      std::to_string(layout.width) + "x" + std::to_string(layout.height));
    }
    const std::uint8_t* at = nullptr;
    if (const int error = calls_->map(buffer.length, buffer.m.offset, at)) {
      return failed("cannot map a buffer", error);
    }
    buffers_.emplace_back(at, buffer.length);
    return ok();
  }

  std::unique_ptr<V4l2Calls> calls_;
  const Clock& clock_;
  std::vector<ByteView> buffers_;  // mapped
};

// video<N> of the directory, by number.
std::vector<fs::path> cameras_in(const fs::path& directory) {
  std::vector<std::pair<int, fs::path>> found;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    constexpr std::string_view kPrefix = "video";
    if (!name.starts_with(kPrefix)) continue;
    int number = 0;
    const char* last = name.data() + name.size();
    const auto read = std::from_chars(name.data() + kPrefix.size(), last, number);
    if (read.ec == std::errc() && read.ptr == last) found.emplace_back(number, it->path());
  }
  std::sort(found.begin(), found.end());
  std::vector<fs::path> paths;
  for (auto& [number, path] : found) paths.push_back(std::move(path));
  return paths;
}

}  // namespace

Result<std::unique_ptr<FrameSource>> open_v4l2_source(const OpenV4l2& open, const fs::path& path,
                                                      const Clock& clock,
                                                      const V4l2SourceOptions& options) {
  const std::string named = "camera " + path.string();
  std::unique_ptr<V4l2Calls> calls;
  if (const int error = open(path, calls)) return not_opened(error).context(named);
  auto device = std::make_unique<V4l2Device>(std::move(calls), clock);
  const auto layout = device->settle_format();
  if (!layout) return layout.error().context(named);
  if (auto started = device->start(*layout); !started) {
    return std::move(started).error().context(named);
  }
  return make_capture_source(std::move(device), *layout, named, clock, options.most_fps);
}

Result<std::unique_ptr<FrameSource>> open_any_v4l2_source(const OpenV4l2& open,
                                                          const fs::path& directory,
                                                          const Clock& clock,
                                                          const V4l2SourceOptions& options) {
  Error told = fail(ErrorCode::not_found, "no camera in " + directory.string());
  bool promising = false;
  for (const fs::path& path : cameras_in(directory)) {
    auto opened = open_v4l2_source(open, path, clock, options);
    if (opened) return opened;
    const ErrorCode code = opened.error().code;
    if (promising || code == ErrorCode::not_found) continue;
    // A camera that is busy or may not be opened says more than a node that is none.
    promising = code != ErrorCode::invalid;
    told = std::move(opened).error();
  }
  return told;
}

}  // namespace vitrine
