#include "status_picture.hpp"

#include <algorithm>

namespace vitrine {
namespace {

constexpr Color kBackground{16, 24, 32}, kBand{30, 42, 54};
constexpr Color kBright{255, 255, 255}, kDim{168, 184, 200};

Color color_of(StatusLevel level) {
  switch (level) {
    case StatusLevel::good:
      return {80, 200, 120};
    case StatusLevel::attention:
      return {255, 190, 60};
    case StatusLevel::bad:
      return {255, 96, 88};
    case StatusLevel::unknown:
      break;
  }
  return {140, 150, 160};
}

// Puts text under text in a column.
class Column {
 public:
  Column(StatusPlan& plan, const TextPainter& text, int x, int y, int width)
      : plan_(plan), text_(text), x_(x), y_(y), width_(width) {}

  int y() const { return y_; }
  void skip(int height) { y_ += height; }
  void say(const std::string& words, TextStyle style, int left = 0) {
    style.max_width = std::max(1, width_ - left);
    place(words, style, left);
    y_ += plan_.texts.back().box.height;
  }
  // On the present line; the column stays where it is.
  void place(const std::string& words, TextStyle style, int left) {
    style.max_width = std::max(1, width_ - left);
    const TextBox box = text_.measure(words, style);
    plan_.texts.push_back({x_ + left, y_, words, style, box});
  }
  void mark(int side, int line, StatusLevel level) {
    plan_.marks.push_back({x_, y_ + (line - side) / 2, side, level});
  }

 private:
  StatusPlan& plan_;
  const TextPainter& text_;
  int x_, y_, width_;
};

}  // namespace

StatusPlan plan_status(const StatusSheet& sheet, int width, int height, const TextPainter& text) {
  StatusPlan plan;
  const int shorter = std::min(width, height);
  const int unit = std::max(4, shorter / 28);  // the height of plain letters
  const int margin = unit * 3 / 2;
  const int inner = width - 2 * margin;

  // The code stands in the upper right corner, or below everything where the glass is upright.
  const bool upright = height > width;
  int code_side = 0;
  if (auto code = encode_qr(sheet.code)) {
    plan.code = std::move(*code);
    const int most = upright ? std::min(inner, height / 4) : shorter * 3 / 10;
    plan.code_module = most / plan.code.whole();
    code_side = plan.code_module * plan.code.whole();
    plan.code_x = upright ? (width - code_side) / 2 : width - margin - code_side;
    plan.code_y = upright ? height - margin - code_side : margin;
  }

  const int beside = upright ? inner : inner - code_side - unit;
  Column head(plan, text, margin, margin, beside);
  head.say(sheet.name, {.size = unit * 2, .bold = true, .color = kBright});
  head.say(sheet.headline, {.size = unit * 8 / 5, .bold = true, .color = color_of(sheet.level)});
  head.say(sheet.headline_zh, {.size = unit * 8 / 5, .bold = true, .color = color_of(sheet.level)});

  const int below_head = std::max(head.y(), upright ? 0 : plan.code_y + code_side) + unit * 3 / 5;
  Column rows(plan, text, margin, below_head, inner);
  const int label_at = unit * 5 / 4;
  int value_at = 0;
  for (const StatusRow& row : sheet.rows)
    value_at = std::max(value_at, text.measure(row.label, {.size = unit}).width);
  value_at = std::min(label_at + value_at + unit, inner / 2);
  const int line = text.measure("Ag国", {.size = unit}).height;
  for (const StatusRow& row : sheet.rows) {
    rows.mark(unit * 3 / 4, line, row.level);
    rows.place(row.label, {.size = unit, .color = kDim}, label_at);
    if (upright) rows.skip(line);  // the value has a line of its own
    rows.say(row.value, {.size = unit, .color = kBright, .max_lines = row.long_text ? 2 : 1},
             upright ? label_at : value_at);
    rows.skip(unit / 8);
  }

  rows.skip(unit / 2);
  rows.say(sheet.advice,
           {.size = unit * 6 / 5, .bold = true, .color = kBright, .max_lines = upright ? 4 : 2});
  rows.say(sheet.advice_zh,
           {.size = unit * 6 / 5, .bold = true, .color = kBright, .max_lines = upright ? 2 : 1});
  return plan;
}

Canvas draw_status_picture(const StatusSheet& sheet, int width, int height,
                           const TextPainter& text) {
  const StatusPlan plan = plan_status(sheet, width, height, text);
  Canvas canvas(width, height);
  canvas.fill(0, 0, width, height, kBackground);
  const int band = std::max(2, std::min(width, height) / 90);
  canvas.fill(0, 0, width, band, color_of(sheet.level));
  canvas.fill(0, height - band, width, band, kBand);
  for (const auto& mark : plan.marks)
    canvas.fill(mark.x, mark.y, mark.side, mark.side, color_of(mark.level));
  for (const auto& piece : plan.texts) text.draw(canvas, piece.x, piece.y, piece.text, piece.style);
  if (plan.code_module > 0) draw_qr(canvas, plan.code_x, plan.code_y, plan.code_module, plan.code);
  return canvas;
}

}  // namespace vitrine
