// Memory that the display scans out ("dumb buffer"), with its framebuffer and a map of it.
#pragma once

#include "base/bytes.hpp"
#include "drm_calls.hpp"

namespace vitrine {

// Pixels as a display takes them: NV12 with the chroma right after the luma, or 4 bytes a pixel.
struct Surface {
  std::uint32_t format = 0;
  int width = 0, height = 0, pitch = 0;
  std::uint8_t* pixels = nullptr;

  std::size_t luma_size() const {
    return static_cast<std::size_t>(pitch) * static_cast<std::size_t>(height);
  }
  std::size_t size() const { return format == kFormatNv12 ? luma_size() * 3 / 2 : luma_size(); }
  std::uint8_t* chroma() const { return pixels + luma_size(); }
};

// SHA-256 over each `step`th row from `first` on, without what pads the rows and without the unused
// byte of a pixel.
Hash256 hash_rows(const Surface& surface, int first, int step);

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
  const Surface& surface() const { return surface_; }
  // The framebuffer and its memory stay with the descriptor, so that what shows it goes on.
  void leave() { left_ = true; }

 private:
  explicit KmsBuffer(DrmCalls& drm) : drm_(drm) {}
  void blacken();

  DrmCalls& drm_;
  Surface surface_;
  DumbMemory memory_;
  std::uint32_t framebuffer_ = 0;
  bool left_ = false;
};

}  // namespace vitrine
