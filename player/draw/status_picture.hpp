// The status picture: what stands on the glass while nothing may be shown, to be read from two
// metres. Its letters are at least a thirtieth of the shorter side.
#pragma once

#include <string>
#include <vector>

#include "canvas.hpp"
#include "qr.hpp"
#include "status_sheet.hpp"
#include "text.hpp"

namespace vitrine {

// Where everything of it goes: worked out before anything is drawn.
struct StatusPlan {
  struct Text {
    int x = 0, y = 0;
    std::string text;
    TextStyle style;
    TextBox box;  // as measured
  };
  struct Mark {
    int x = 0, y = 0, side = 0;
    StatusLevel level = StatusLevel::unknown;
  };
  std::vector<Text> texts;
  std::vector<Mark> marks;
  int code_x = 0, code_y = 0, code_module = 0;
  QrMatrix code;  // empty: none fits
};

StatusPlan plan_status(const StatusSheet& sheet, int width, int height, const TextPainter& text);

Canvas draw_status_picture(const StatusSheet& sheet, int width, int height,
                           const TextPainter& text);

}  // namespace vitrine
