#include "capture.hpp"

#include <algorithm>

namespace vitrine {
namespace {

constexpr std::uint32_t kGrey = fourcc("GREY");
constexpr std::uint32_t kYuyv = fourcc("YUYV");
constexpr std::uint32_t kNv12 = fourcc("NV12");
// Wider adds nothing that is counted; it is only read where the device has nothing smaller.
constexpr std::uint32_t kWidest = 1280;
constexpr std::uint32_t kMostSide = 8192;
constexpr std::uint32_t kMostStride = 4 * kMostSide;
// More are never filled at once: who hands out more has gone mad, and must not keep us here.
constexpr int kMostFilled = 32;
// Cameras take up to 2 s to start.
constexpr Micros kSilent = 5 * kSecond;

bool is_read(std::uint32_t code) {
  return code == kGrey || code == kYuyv || code == kNv12;
}

class CaptureSource final : public FrameSource {
 public:
  CaptureSource(std::unique_ptr<CaptureDevice> device, const PictureLayout& layout,
                std::string named, const Clock& clock, int most_fps)
      : device_(std::move(device)),
        layout_(layout),
        named_(std::move(named)),
        clock_(clock),
        limiter_(most_fps),
        heard_(clock.boottime()),
        last_(heard_) {}

  Result<bool> next(Frame& frame, Micros until) override {
    for (;;) {
      auto newest = take_newest();
      if (!newest) return std::move(newest).error().context(named_);
      const Micros now = clock_.boottime();
      if (*newest) {
        auto handed = hand_out(**newest, now, frame);
        if (!handed) return std::move(handed).error().context(named_);
        if (*handed) return true;
      }
      const Micros silent_at = heard_ + kSilent;
      if (now >= silent_at) {
        return fail(ErrorCode::unavailable,
                    named_ + ": no frame for " + std::to_string(kSilent / kSecond) + " s");
      }
      if (now >= until) return false;
      if (auto waited = device_->wait(std::min(until, silent_at)); !waited) {
        return std::move(waited).error().context(named_);
      }
    }
  }

 private:
  // All that is filled leaves the queue, so that the device always has somewhere to put the next;
  // what is older than the newest whole picture goes straight back.
  Result<std::optional<Captured>> take_newest() {
    std::optional<Captured> newest;
    for (int taken = 0; taken < kMostFilled; ++taken) {
      auto got = device_->dequeue();
      if (!got) return std::move(got).error();
      if (!*got) return newest;
      const bool usable = (*got)->whole && (*got)->bytes.size() >= layout_.bytes;
      std::optional<Captured> surplus = usable ? std::exchange(newest, **got) : **got;
      if (!surplus) continue;
      if (auto put = device_->put_back(surplus->buffer); !put) return std::move(put).error();
    }
    return newest;
  }

  Result<bool> hand_out(const Captured& captured, Micros now, Frame& frame) {
    heard_ = now;
    // A stamp from the future or from before the last frame is a driver's mistake.
    Micros at = captured.stamp.value_or(now);
    if (at > now || at <= last_) at = std::max(now, last_ + 1);
    last_ = at;
    const bool handed = limiter_.take(at) && copy_picture(captured.bytes, layout_, frame);
    if (auto put = device_->put_back(captured.buffer); !put) return std::move(put).error();
    if (handed) {
      frame.at = at;
      frame.restarted = false;
    }
    return handed;
  }

  std::unique_ptr<CaptureDevice> device_;
  PictureLayout layout_;
  std::string named_;
  const Clock& clock_;
  FrameLimiter limiter_;
  Micros heard_;  // when the last whole picture was dequeued, or the source opened
  Micros last_;   // capture of the last whole picture
};

}  // namespace

std::string fourcc_name(std::uint32_t code) {
  std::string name;
  for (int shift = 0; shift < 32; shift += 8) {
    const auto byte = static_cast<std::uint8_t>(code >> shift);
    name += byte >= 32 && byte < 127 ? static_cast<char>(byte) : '?';
  }
  return name;
}

std::optional<CaptureFormat> format_to_ask_for(const CaptureFormat& now) {
  if (is_read(now.fourcc) && now.width <= kWidest) return std::nullopt;
  return CaptureFormat{is_read(now.fourcc) ? now.fourcc : kYuyv, 640, 480, 0};
}

Result<PictureLayout> picture_layout(const CaptureFormat& format) {
  if (!is_read(format.fourcc)) {
    return fail(ErrorCode::invalid, "its format is " + fourcc_name(format.fourcc) +
                                        "; YUYV, NV12 and GREY are those we read");
  }
  PictureLayout layout;
  layout.fourcc = format.fourcc;
  // Two pixels of YUYV, or of NV12's chroma, share two bytes.
  const std::size_t even = (std::size_t{format.width} + 1) / 2 * 2;
  const std::size_t row = format.fourcc == kYuyv   ? 2 * even
                          : format.fourcc == kNv12 ? even
                                                   : std::size_t{format.width};
  layout.stride = format.stride == 0 ? row : format.stride;
  if (format.width == 0 || format.height == 0 || format.width > kMostSide ||
      format.height > kMostSide || layout.stride < row || layout.stride > kMostStride) {
    return fail(ErrorCode::invalid, "it states pictures of " + std::to_string(format.width) + "x" +
                                        std::to_string(format.height) + ", " +
                                        std::to_string(format.stride) + " bytes a row");
  }
  layout.width = static_cast<int>(format.width);
  layout.height = static_cast<int>(format.height);
  std::size_t rows = format.height;
  if (format.fourcc == kNv12) rows += (rows + 1) / 2;
  layout.bytes = layout.stride * (rows - 1) + row;
  return layout;
}

bool copy_picture(ByteView buffer, const PictureLayout& layout, Frame& out) {
  if (buffer.size() < layout.bytes) return false;
  out.width = layout.width;
  out.height = layout.height;
  out.full_range = false;
  const auto width = static_cast<std::size_t>(layout.width);
  const auto height = static_cast<std::size_t>(layout.height);
  const bool grey = layout.fourcc == kGrey, packed = layout.fourcc == kYuyv;
  const auto chroma_width = static_cast<std::size_t>(out.chroma_width());
  const auto chroma_height = static_cast<std::size_t>(out.chroma_height());
  out.luma.resize(width * height);
  out.cb.resize(grey ? 0 : chroma_width * chroma_height);
  out.cr.resize(out.cb.size());
  for (std::size_t row = 0; row < height; ++row) {
    const std::uint8_t* from = buffer.data() + layout.stride * row;
    std::uint8_t* to = out.luma.data() + width * row;
    if (!packed) {
      std::copy_n(from, width, to);
    } else {
      for (std::size_t i = 0; i < width; ++i) to[i] = from[2 * i];
    }
  }
  for (std::size_t row = 0; row < chroma_height && !grey; ++row) {
    // Of YUYV every second row's chroma; NV12 has its own rows of pairs behind the luma.
    const std::uint8_t* from = packed ? buffer.data() + layout.stride * 2 * row + 1
                                      : buffer.data() + layout.stride * (height + row);
    const std::size_t step = packed ? 4 : 2, apart = packed ? 2 : 1;
    std::uint8_t* cb = out.cb.data() + chroma_width * row;
    std::uint8_t* cr = out.cr.data() + chroma_width * row;
    for (std::size_t i = 0; i < chroma_width; ++i) {
      cb[i] = from[step * i];
      cr[i] = from[step * i + apart];
    }
  }
  return true;
}

bool FrameLimiter::take(Micros at) {
  if (due_ && at + period_ / 2 < *due_) return false;
  due_ = std::max(due_.value_or(at), at) + period_;
  return true;
}

std::unique_ptr<FrameSource> make_capture_source(std::unique_ptr<CaptureDevice> device,
                                                 const PictureLayout& layout, std::string named,
                                                 const Clock& clock, int most_fps) {
  return std::make_unique<CaptureSource>(std::move(device), layout, std::move(named), clock,
                                         most_fps);
}

}  // namespace vitrine
