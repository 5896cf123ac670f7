// Memory that the display scans out ("dumb buffer"), with its framebuffer and a map of it.
#pragma once

#include "base/bytes.hpp"
#include "drm_calls.hpp"

namespace vitrine {

// Uncached on most boards: reading it back is slow (60 MB a second is common), writing is not.
// Borrows the calls, which must outlive it.
class KmsBuffer {
 public:
  // NV12, or 4 bytes a pixel; filled with black. Sides even for NV12.
  static Result<std::unique_ptr<KmsBuffer>> create(DrmCalls& drm, std::uint32_t format, int width,
                                                   int height);
  ~KmsBuffer();
  KmsBuffer(const KmsBuffer&) = delete;
  KmsBuffer& operator=(const KmsBuffer&) = delete;

  std::uint32_t framebuffer() const { return framebuffer_; }
  std::uint32_t format() const { return format_; }
  int width() const { return width_; }
  int height() const { return height_; }
  int pitch() const { return static_cast<int>(memory_.pitch); }
  std::uint8_t* pixels() { return pixels_; }
  std::uint8_t* chroma() { return pixels_ + chroma_offset(); }  // NV12 only

  // SHA-256 over the rows as they are in the memory now, without what pads them and without the
  // unused byte of a pixel.
  Hash256 hash() const;
  // The framebuffer and its memory stay with the descriptor, so that what shows it goes on.
  void leave() { left_ = true; }

 private:
  KmsBuffer(DrmCalls& drm, std::uint32_t format, int width, int height)
      : drm_(drm), format_(format), width_(width), height_(height) {}
  std::size_t chroma_offset() const {
    return std::size_t{memory_.pitch} * static_cast<std::size_t>(height_);
  }
  void blacken();

  DrmCalls& drm_;
  std::uint32_t format_;
  int width_, height_;
  DumbMemory memory_;
  std::uint32_t framebuffer_ = 0;
  std::uint8_t* pixels_ = nullptr;
  bool left_ = false;
};

}  // namespace vitrine
