#include "text.hpp"

#include <pango/pangocairo.h>

#include <algorithm>

namespace vitrine {
namespace {

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
template <class T>
using Object = std::unique_ptr<T, Unref>;

struct FreeFont {
  void operator()(PangoFontDescription* font) const { pango_font_description_free(font); }
};
struct FreeSurface {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
struct FreeCairo {
  void operator()(cairo_t* cairo) const { cairo_destroy(cairo); }
};

std::string valid_utf8(const std::string& text) {
  char* made = g_utf8_make_valid(text.data(), static_cast<gssize>(text.size()));
  std::string valid(made);
  g_free(made);
  return valid;
}

TextBox box_of(PangoLayout* layout) {
  TextBox box;
  pango_layout_get_pixel_size(layout, &box.width, &box.height);
  box.cut = pango_layout_is_ellipsized(layout) != 0;
  return box;
}

}  // namespace

struct TextPainter::Fonts {
  Object<PangoFontMap> map{pango_cairo_font_map_new()};
  Object<PangoContext> context{pango_font_map_create_context(map.get())};
  bool any = false;

  Fonts() {
    pango_context_set_language(context.get(), pango_language_from_string("zh-cn"));
    // Families are listed even where no file of any is there.
    any = pango_layout_get_unknown_glyphs_count(layout("A", {}).get()) == 0;
  }

  Object<PangoLayout> layout(const std::string& text, const TextStyle& style) const {
    Object<PangoLayout> layout(pango_layout_new(context.get()));
    const std::unique_ptr<PangoFontDescription, FreeFont> font(pango_font_description_new());
    pango_font_description_set_family_static(font.get(), "sans-serif");
    pango_font_description_set_weight(font.get(),
                                      style.bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_font_description_set_absolute_size(font.get(), std::max(1, style.size) * PANGO_SCALE);
    pango_layout_set_font_description(layout.get(), font.get());
    pango_layout_set_single_paragraph_mode(layout.get(), 1);
    if (style.max_width > 0) {
      pango_layout_set_width(layout.get(), style.max_width * PANGO_SCALE);
      pango_layout_set_height(layout.get(), -std::max(1, style.max_lines));
      pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
      pango_layout_set_ellipsize(layout.get(), PANGO_ELLIPSIZE_END);
    }
    const std::string valid = valid_utf8(text);
    pango_layout_set_text(layout.get(), valid.data(), static_cast<int>(valid.size()));
    return layout;
  }
};

TextPainter::TextPainter() : fonts_(std::make_unique<Fonts>()) {}
TextPainter::~TextPainter() = default;

bool TextPainter::has_fonts() const {
  return fonts_->any;
}

TextBox TextPainter::measure(const std::string& text, const TextStyle& style) const {
  if (!fonts_->any) return {};
  return box_of(fonts_->layout(text, style).get());
}

TextBox TextPainter::draw(Canvas& canvas, int x, int y, const std::string& text,
                          const TextStyle& style) const {
  if (!fonts_->any) return {};
  const auto layout = fonts_->layout(text, style);
  const std::unique_ptr<cairo_surface_t, FreeSurface> surface(cairo_image_surface_create_for_data(
      reinterpret_cast<unsigned char*>(canvas.row(0)), CAIRO_FORMAT_ARGB32, canvas.width(),
      canvas.height(), canvas.stride()));
  const std::unique_ptr<cairo_t, FreeCairo> cairo(cairo_create(surface.get()));
  cairo_set_source_rgb(cairo.get(), style.color.red / 255.0, style.color.green / 255.0,
                       style.color.blue / 255.0);
  cairo_move_to(cairo.get(), x, y);
  pango_cairo_show_layout(cairo.get(), layout.get());
  cairo_surface_flush(surface.get());
  return box_of(layout.get());
}

int TextPainter::unknown_glyphs(const std::string& text) const {
  if (!fonts_->any) return static_cast<int>(g_utf8_strlen(valid_utf8(text).c_str(), -1));
  return pango_layout_get_unknown_glyphs_count(fonts_->layout(text, {}).get());
}

}  // namespace vitrine
