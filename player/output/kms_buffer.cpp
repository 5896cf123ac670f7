#include "kms_buffer.hpp"

#include <cstring>

#include "platform/crypto.hpp"

namespace vitrine {

Result<std::unique_ptr<KmsBuffer>> KmsBuffer::create(DrmCalls& drm, std::uint32_t format, int width,
                                                     int height) {
  auto buffer = std::unique_ptr<KmsBuffer>(new KmsBuffer(drm, format, width, height));
  const bool nv12 = format == kFormatNv12;
  // Both planes of NV12 in one piece, rows of one byte a pixel.
  if (const int error = nv12 ? drm.create_dumb(width, height * 3 / 2, 8, buffer->memory_)
                             : drm.create_dumb(width, height, 32, buffer->memory_)) {
    return drm_error("cannot make a dumb buffer", error);
  }
  const DrmFramebuffer wanted{static_cast<std::uint32_t>(width),
                              static_cast<std::uint32_t>(height),
                              format,
                              buffer->memory_.handle,
                              buffer->memory_.pitch,
                              static_cast<std::uint32_t>(buffer->chroma_offset())};
  if (const int error = drm.add_framebuffer(wanted, buffer->framebuffer_)) {
    return drm_error("cannot make a framebuffer", error);
  }
  if (const int error = drm.map_dumb(buffer->memory_, buffer->pixels_)) {
    return drm_error("cannot map a dumb buffer", error);
  }
  buffer->blacken();
  return buffer;
}

KmsBuffer::~KmsBuffer() {
  if (pixels_ != nullptr) drm_.unmap(pixels_, memory_.size);
  if (left_) return;
  if (framebuffer_ != 0) drm_.remove_framebuffer(framebuffer_);
  if (memory_.handle != 0) drm_.destroy_dumb(memory_.handle);
}

void KmsBuffer::blacken() {
  if (format_ == kFormatNv12) {
    std::memset(pixels_, 16, chroma_offset());
    std::memset(chroma(), 128, chroma_offset() / 2);
    return;
  }
  // Opaque where the format has an alpha.
  for (int y = 0; y < height_; ++y) {
    std::uint8_t* row = pixels_ + static_cast<std::size_t>(y) * memory_.pitch;
    std::memset(row, 0, static_cast<std::size_t>(width_) * 4);
    for (int x = 0; format_ == kFormatArgb && x < width_; ++x) row[4 * x + 3] = 0xff;
  }
}

Hash256 KmsBuffer::hash() const {
  // Row by row into cached memory first: a hash reads every byte more than once, and the unused
  // byte is whatever the driver makes of it.
  Bytes rows;
  const auto width = static_cast<std::size_t>(width_), height = static_cast<std::size_t>(height_);
  if (format_ == kFormatNv12) {
    rows.resize(width * height * 3 / 2);
    for (std::size_t y = 0; y < height * 3 / 2; ++y) {
      std::memcpy(rows.data() + y * width, pixels_ + y * memory_.pitch, width);
    }
    return sha256(rows);
  }
  rows.resize(width * height * 3);
  Bytes row(width * 4);
  for (std::size_t y = 0; y < height; ++y) {
    std::memcpy(row.data(), pixels_ + y * memory_.pitch, row.size());
    std::uint8_t* to = rows.data() + y * width * 3;
    for (std::size_t x = 0; x < width; ++x) std::memcpy(to + 3 * x, row.data() + 4 * x, 3);
  }
  return sha256(rows);
}

}  // namespace vitrine
