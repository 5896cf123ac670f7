// Pictures as they go to the glass: 8-bit 4:2:0 in three planes, BT.709 limited range, in the size
// of the output, which is even. A Picture borrows its memory; a PictureBuffer is memory, and a
// PicturePool lends such memory out again and again.
#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.hpp"

namespace vitrine {

struct Picture {
  int width = 0, height = 0;
  const std::uint8_t* y = nullptr;  // height rows of y_stride bytes
  const std::uint8_t* u = nullptr;  // Cb: height/2 rows of uv_stride bytes
  const std::uint8_t* v = nullptr;  // Cr: the same
  int y_stride = 0, uv_stride = 0;
};

// Planes that may be written, of a whole picture or of a part of one.
struct Planes {
  int width = 0, height = 0;  // of the luma; chroma has half of it, rounded up
  std::uint8_t* y = nullptr;
  std::uint8_t* u = nullptr;
  std::uint8_t* v = nullptr;
  int y_stride = 0, uv_stride = 0;
};

// `to` is as large as the picture.
void copy_picture(const Picture& picture, const Planes& to);

// Memory of one picture, black at first.
class PictureBuffer {
 public:
  PictureBuffer(int width, int height);
  int width() const { return width_; }
  int height() const { return height_; }
  Picture view() const;
  Planes planes() { return part(0, 0, width_, height_); }
  // All four even and within the picture.
  Planes part(int x, int y, int width, int height);
  // Black outside the rectangle (even coordinates); free when the same rectangle was asked for
  // before.
  void frame_with_black(int x, int y, int width, int height);
  void fill(int x, int y, int width, int height, std::uint8_t luma, std::uint8_t cb,
            std::uint8_t cr);

 private:
  int width_, height_, y_stride_, uv_stride_;
  Bytes bytes_;
  int inner_[4] = {-1, -1, -1, -1};
};

// Buffers of one size. Thread-safe; what it lent may outlive it.
class PicturePool {
 public:
  PicturePool(int width, int height);
  int width() const { return width_; }
  int height() const { return height_; }
  // One that nobody else holds, with whatever is in it; it comes back when the last holder lets go.
  std::shared_ptr<PictureBuffer> take();

 private:
  struct Free;
  int width_, height_;
  std::shared_ptr<Free> free_;
};

}  // namespace vitrine
