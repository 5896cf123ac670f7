#include <libyuv.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <vector>

#include "player/picture.hpp"

namespace vitrine {
namespace {

constexpr std::uint8_t kBlack = 16, kNoColour = 128;

int whole_lines(int bytes) {
  return (bytes + 63) / 64 * 64;  // cache lines, so that rows never share one
}

void fill_plane(std::uint8_t* first, int stride, int width, int height, std::uint8_t value) {
  for (int row = 0; row < height; ++row) {
    std::memset(first + static_cast<std::ptrdiff_t>(stride) * row, value, width);
  }
}

}  // namespace

void copy_picture(const Picture& picture, const Planes& to) {
  libyuv::I420Copy(picture.y, picture.y_stride, picture.u, picture.uv_stride, picture.v,
                   picture.uv_stride, to.y, to.y_stride, to.u, to.uv_stride, to.v, to.uv_stride,
                   picture.width, picture.height);
}

PictureBuffer::PictureBuffer(int width, int height)
    : width_(width),
      height_(height),
      y_stride_(whole_lines(width)),
      uv_stride_(whole_lines(width / 2)),
      bytes_(static_cast<std::size_t>(y_stride_ + uv_stride_) * height) {
  fill(0, 0, width, height, kBlack, kNoColour, kNoColour);
}

Planes PictureBuffer::part(int x, int y, int width, int height) {
  const std::ptrdiff_t luma = static_cast<std::ptrdiff_t>(y_stride_) * height_;
  const std::ptrdiff_t chroma = static_cast<std::ptrdiff_t>(uv_stride_) * (height_ / 2);
  const std::ptrdiff_t in_chroma = static_cast<std::ptrdiff_t>(uv_stride_) * (y / 2) + x / 2;
  std::uint8_t* first = bytes_.data();
  return {width,
          height,
          first + static_cast<std::ptrdiff_t>(y_stride_) * y + x,
          first + luma + in_chroma,
          first + luma + chroma + in_chroma,
          y_stride_,
          uv_stride_};
}

Picture PictureBuffer::view() const {
  const Planes whole = const_cast<PictureBuffer*>(this)->planes();
  return {width_, height_, whole.y, whole.u, whole.v, whole.y_stride, whole.uv_stride};
}

void PictureBuffer::fill(int x, int y, int width, int height, std::uint8_t luma, std::uint8_t cb,
                         std::uint8_t cr) {
  const Planes to = part(x, y, width, height);
  fill_plane(to.y, to.y_stride, width, height, luma);
  fill_plane(to.u, to.uv_stride, width / 2, height / 2, cb);
  fill_plane(to.v, to.uv_stride, width / 2, height / 2, cr);
  inner_[0] = -1;  // whatever was framed before may have been painted over
}

void PictureBuffer::frame_with_black(int x, int y, int width, int height) {
  const int wanted[4] = {x, y, width, height};
  if (std::equal(wanted, wanted + 4, inner_)) return;
  if (width < width_ || height < height_) {
    fill(0, 0, width_, height_, kBlack, kNoColour, kNoColour);
  }
  std::copy(wanted, wanted + 4, inner_);
}

struct PicturePool::Free {
  std::mutex mutex;
  std::vector<std::unique_ptr<PictureBuffer>> buffers;
};

PicturePool::PicturePool(int width, int height)
    : width_(width), height_(height), free_(std::make_shared<Free>()) {}

std::shared_ptr<PictureBuffer> PicturePool::take() {
  std::unique_ptr<PictureBuffer> buffer;
  {
    const std::lock_guard lock(free_->mutex);
    if (!free_->buffers.empty()) {
      buffer = std::move(free_->buffers.back());
      free_->buffers.pop_back();
    }
  }
  if (!buffer) buffer = std::make_unique<PictureBuffer>(width_, height_);
  return {buffer.release(), [free = free_](PictureBuffer* back) {
            std::unique_ptr<PictureBuffer> held(back);
            const std::lock_guard lock(free->mutex);
            free->buffers.push_back(std::move(held));
          }};
}

}  // namespace vitrine
