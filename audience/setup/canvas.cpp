#include "canvas.hpp"

#include <cairo.h>

#include <cmath>
#include <memory>

namespace vitrine::setup {
namespace {

struct Release {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  void operator()(cairo_t* context) const { cairo_destroy(context); }
};
using Surface = std::unique_ptr<cairo_surface_t, Release>;

Surface surface_of(Canvas& canvas) {
  // CAIRO_FORMAT_RGB24 is just these words; a row of them needs no padding.
  return Surface(cairo_image_surface_create_for_data(
      reinterpret_cast<unsigned char*>(canvas.pixels.data()), CAIRO_FORMAT_RGB24, canvas.width,
      canvas.height, canvas.width * 4));
}

// Cairo on the canvas's own pixels, in permille of the frame; pens as wide as will be seen.
class Brush {
 public:
  explicit Brush(Canvas& canvas)
      : surface_(surface_of(canvas)),
        context_(cairo_create(surface_.get())),
        x_(canvas.width / 1000.0),
        y_(canvas.height / 1000.0) {
    cairo_set_line_width(context_.get(), std::max(2.0, canvas.width / 160.0));
  }
  ~Brush() {
    context_.reset();
    cairo_surface_flush(surface_.get());
  }
  Brush(const Brush&) = delete;
  Brush& operator=(const Brush&) = delete;

  cairo_t* get() { return context_.get(); }
  double x(int permille) const { return permille * x_; }
  double y(int permille) const { return permille * y_; }

 private:
  Surface surface_;
  std::unique_ptr<cairo_t, Release> context_;
  double x_, y_;
};

cairo_status_t append(void* bytes, const unsigned char* data, unsigned length) {
  auto& to = *static_cast<Bytes*>(bytes);
  to.insert(to.end(), data, data + length);
  return CAIRO_STATUS_SUCCESS;
}

}  // namespace

Canvas grey_canvas(int width, int height, ByteView luma) {
  Canvas canvas{width, height, {}};
  canvas.pixels.reserve(luma.size());
  for (const std::uint8_t value : luma) canvas.pixels.push_back(std::uint32_t{0x010101} * value);
  canvas.pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  return canvas;
}

void draw_line(Canvas& canvas, const Line& line) {
  Brush brush(canvas);
  cairo_t* context = brush.get();
  const double x0 = brush.x(line.x0), y0 = brush.y(line.y0);
  const double along_x = brush.x(line.x1) - x0, along_y = brush.y(line.y1) - y0;
  const double length = std::hypot(along_x, along_y);
  if (length <= 0) return;
  cairo_set_source_rgb(context, 1, 0.8, 0);
  cairo_move_to(context, x0, y0);
  cairo_rel_line_to(context, along_x, along_y);
  cairo_stroke(context);
  // In is to the left hand of whoever looks along it; y grows downwards.
  const double in_x = along_y / length, in_y = -along_x / length;
  const double arrow = std::max(12.0, canvas.width / 10.0), head = arrow / 3;
  const double tip_x = x0 + along_x / 2 + in_x * arrow, tip_y = y0 + along_y / 2 + in_y * arrow;
  cairo_set_source_rgb(context, 0.2, 1, 0.2);
  cairo_move_to(context, x0 + along_x / 2, y0 + along_y / 2);
  cairo_line_to(context, tip_x, tip_y);
  cairo_stroke(context);
  cairo_move_to(context, tip_x + in_x * head / 2, tip_y + in_y * head / 2);
  cairo_line_to(context, tip_x - in_x * head + in_y * head, tip_y - in_y * head - in_x * head);
  cairo_line_to(context, tip_x - in_x * head - in_y * head, tip_y - in_y * head + in_x * head);
  cairo_fill(context);
}

void draw_zone(Canvas& canvas, const ExposureZone& zone) {
  if (zone.corners.empty()) return;
  Brush brush(canvas);
  for (const ExposureZone::Corner& corner : zone.corners)
    cairo_line_to(brush.get(), brush.x(corner.x), brush.y(corner.y));
  cairo_close_path(brush.get());
  cairo_set_source_rgba(brush.get(), 0.2, 0.6, 1, 0.25);
  cairo_fill_preserve(brush.get());
  cairo_set_source_rgb(brush.get(), 0.2, 0.6, 1);
  cairo_stroke(brush.get());
}

void draw_boxes(Canvas& canvas, const std::vector<Box>& boxes) {
  Brush brush(canvas);
  cairo_set_source_rgb(brush.get(), 1, 0.3, 0.3);
  for (const Box& box : boxes) cairo_rectangle(brush.get(), box.x, box.y, box.width, box.height);
  cairo_stroke(brush.get());
}

Status write_png(const Canvas& canvas, const fs::path& path) {
  Canvas copy = canvas;
  const Surface surface = surface_of(copy);
  Bytes png;
  const cairo_status_t made = cairo_surface_write_to_png_stream(surface.get(), append, &png);
  if (made != CAIRO_STATUS_SUCCESS) {
    return fail(ErrorCode::internal,
                "cannot make a PNG for " + path.string() + ": " + cairo_status_to_string(made));
  }
  return write_atomic(path, png, 0600);
}

}  // namespace vitrine::setup
