#include "text.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

#include "status_picture.hpp"
#include "ticker.hpp"

namespace vitrine {
namespace {

int drawn(const Canvas& canvas, int x, int y, int width, int height) {
  int count = 0;
  for (int row = y; row < y + height; ++row) {
    for (int column = x; column < x + width; ++column) count += canvas.row(row)[column] != 0;
  }
  return count;
}

}  // namespace

TEST_CASE("Latin and Chinese letters have glyphs, and all that is drawn lies in the box told") {
  const TextPainter text;
  REQUIRE(text.has_fonts());
  const std::string words = "Gate 12: 前往上海虹桥的列车 café";
  CHECK(text.unknown_glyphs(words) == 0);
  CHECK(text.unknown_glyphs("\U000F1234") == 1);
  Canvas canvas(900, 100);
  const TextBox box = text.draw(canvas, 20, 10, words, {.size = 40});
  CHECK(box.width > 400);
  CHECK(box.height >= 40);
  CHECK_FALSE(box.cut);
  const TextBox measured = text.measure(words, {.size = 40});
  CHECK(measured.width == box.width);
  CHECK(measured.height == box.height);
  CHECK(drawn(canvas, 0, 0, 900, 100) > 1000);
  CHECK(drawn(canvas, 18, 10, box.width + 4, box.height) == drawn(canvas, 0, 0, 900, 100));
}

TEST_CASE("what is too long is cut where it is told to") {
  const TextPainter text;
  std::string words;
  for (int i = 0; i < 50; ++i) words += "word 字 ";
  const TextBox one = text.measure(words, {.size = 20, .max_width = 300});
  CHECK(one.cut);
  CHECK(one.width <= 300);
  const TextBox three = text.measure(words, {.size = 20, .max_width = 300, .max_lines = 3});
  CHECK(three.cut);
  CHECK(three.width <= 300);
  CHECK(three.height > 2 * one.height);
  CHECK(three.height < 4 * one.height);
}

TEST_CASE("bytes that are no text, nothing, and what would not fit are drawn all the same") {
  const TextPainter text;
  Canvas canvas(40, 20);
  (void)text.draw(canvas, 0, 0, std::string("\xff\xfe\x00\x80 ok", 7), {.size = 10});
  (void)text.draw(canvas, 0, 0, "", {.size = 10});
  (void)text.draw(canvas, -500, 3, "left of it", {.size = 10});
  (void)text.draw(canvas, 3, 500, "below it", {.size = 100, .max_width = 1});
  CHECK(text.measure("two\nlines", {.size = 10}).height ==
        text.measure("two", {.size = 10}).height);
}

// Run by a test of its own, with a fontconfig that knows none.
TEST_CASE("without any font nothing is drawn, and nothing breaks" * doctest::skip()) {
  const TextPainter text;
  REQUIRE_FALSE(text.has_fonts());
  Canvas canvas(200, 40);
  const TextBox box = text.draw(canvas, 0, 0, "abc 中文", {.size = 20, .max_width = 100});
  CHECK(box.width == 0);
  CHECK(box.height == 0);
  CHECK(drawn(canvas, 0, 0, 200, 40) == 0);
  CHECK(text.unknown_glyphs("中文") == 2);
  StatusFacts facts;
  facts.board = "10000000a3d5f7c1";
  const Canvas picture = draw_status_picture(status_sheet(facts), 640, 360, text);
  const StatusPlan plan = plan_status(status_sheet(facts), 640, 360, text);
  CHECK(plan.code_module > 0);  // the code is no text
  CHECK(picture.row(plan.code_y + 1)[plan.code_x + 1] == 0xffff'ffffU);
  CHECK(draw_ticker_strip("news", 640, 40) == nullptr);
}

}  // namespace vitrine
