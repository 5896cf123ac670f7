#include "kms_buffer.hpp"

#include <cstring>

#include "platform/crypto.hpp"

namespace vitrine {

Hash256 hash_rows(const Surface& surface, int first, int step) {
  const bool nv12 = surface.format == kFormatNv12;
  const auto pitch = static_cast<std::size_t>(surface.pitch);
  const auto width = static_cast<std::size_t>(surface.width);
  // A row at a time into cached memory: the hash reads every byte more than once.
  Bytes row(nv12 ? width : width * 4), colours(nv12 ? 0 : width * 3);
  Sha256 hash;
  const int rows = nv12 ? surface.height * 3 / 2 : surface.height;
  for (int y = first; y < rows; y += step) {
    std::memcpy(row.data(), surface.pixels + static_cast<std::size_t>(y) * pitch, row.size());
    if (nv12) {
      hash.add(row);
      continue;
    }
    for (std::size_t x = 0; x < width; ++x) {
      std::memcpy(colours.data() + 3 * x, row.data() + 4 * x, 3);
    }
    hash.add(colours);
  }
  return hash.finish();
}

Result<std::unique_ptr<KmsBuffer>> KmsBuffer::create(DrmCalls& drm, std::uint32_t format, int width,
                                                     int height) {
  auto buffer = std::unique_ptr<KmsBuffer>(new KmsBuffer(drm));
  DumbMemory& memory = buffer->memory_;
  // Both planes of NV12 in one piece, rows of one byte a pixel.
  if (const int error = format == kFormatNv12 ? drm.create_dumb(width, height * 3 / 2, 8, memory)
                                              : drm.create_dumb(width, height, 32, memory)) {
    return drm_error("cannot make a dumb buffer", error);
  }
  Surface& surface = buffer->surface_;
  surface = {format, width, height, static_cast<int>(memory.pitch), nullptr};
  const DrmFramebuffer wanted{static_cast<std::uint32_t>(width),
                              static_cast<std::uint32_t>(height),
                              format,
                              memory.handle,
                              memory.pitch,
                              static_cast<std::uint32_t>(surface.luma_size())};
  if (const int error = drm.add_framebuffer(wanted, buffer->framebuffer_)) {
    return drm_error("cannot make a framebuffer", error);
  }
  if (const int error = drm.map_dumb(memory, surface.pixels)) {
    return drm_error("cannot map a dumb buffer", error);
  }
  buffer->blacken();
  return buffer;
}

KmsBuffer::~KmsBuffer() {
  if (surface_.pixels != nullptr) drm_.unmap(surface_.pixels, memory_.size);
  if (left_) return;
  if (framebuffer_ != 0) drm_.remove_framebuffer(framebuffer_);
  if (memory_.handle != 0) drm_.destroy_dumb(memory_.handle);
}

void KmsBuffer::blacken() {
  if (surface_.format == kFormatNv12) {
    std::memset(surface_.pixels, 16, surface_.luma_size());
    std::memset(surface_.chroma(), 128, surface_.luma_size() / 2);
    return;
  }
  // Opaque where the format has an alpha.
  const std::uint8_t black[4] = {0, 0, 0, 0xff};
  for (std::size_t at = 0; at + 4 <= surface_.luma_size(); at += 4) {
    std::memcpy(surface_.pixels + at, black, 4);
  }
}

}  // namespace vitrine
