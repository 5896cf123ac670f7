// Text on a canvas: the only caller of Pango and Cairo. Whatever script a text is in, the fonts of
// the machine are tried for it (fontconfig), Chinese forms first where scripts share a character.
//
// Without any font nothing is drawn and everything measures 0 x 0: a screen without letters still
// plays. Text is UTF-8; what is not is replaced. One thread at a time.
#pragma once

#include <memory>
#include <string>

#include "canvas.hpp"

namespace vitrine {

struct TextStyle {
  int size = 24;  // of the em square, in pixels
  bool bold = false;
  Color color{255, 255, 255};
  int max_width = 0;  // where lines break, and what is too long ends in "..."; 0 = nowhere
  int max_lines = 1;
};

struct TextBox {
  int width = 0, height = 0;  // in pixels, of all lines
  bool cut = false;           // it did not fit and ends in "..."
};

class TextPainter {
 public:
  TextPainter();
  ~TextPainter();
  TextPainter(const TextPainter&) = delete;
  TextPainter& operator=(const TextPainter&) = delete;

  bool has_fonts() const;
  TextBox measure(const std::string& text, const TextStyle& style) const;
  // The upper left corner of its box lies at (x, y).
  TextBox draw(Canvas& canvas, int x, int y, const std::string& text, const TextStyle& style) const;
  // Characters that no font of this machine has: they show as boxes with numbers.
  int unknown_glyphs(const std::string& text) const;

 private:
  struct Fonts;
  std::unique_ptr<Fonts> fonts_;
};

}  // namespace vitrine
