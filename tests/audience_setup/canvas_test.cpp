#include "canvas.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "temp_directory.hpp"
#include "terminal.hpp"

using namespace vitrine;
using namespace vitrine::setup;
using vitrine::testing::TempDirectory;

namespace {

Canvas flat(int width, int height, std::uint8_t value) {
  return grey_canvas(width, height, Bytes(static_cast<std::size_t>(width * height), value));
}

// Pixels that are more green than anything else, by half of the canvas.
struct Sides {
  int left = 0, right = 0, above = 0, below = 0;
};
Sides green(const Canvas& canvas) {
  Sides sides;
  for (int y = 0; y < canvas.height; ++y) {
    for (int x = 0; x < canvas.width; ++x) {
      const std::uint32_t pixel = canvas.pixels[static_cast<std::size_t>(y * canvas.width + x)];
      const int red = pixel >> 16 & 255, of_green = pixel >> 8 & 255, blue = pixel & 255;
      if (of_green < red + 60 || of_green < blue + 60) continue;
      ++(x < canvas.width / 2 - 4 ? sides.left : sides.right);
      ++(y < canvas.height / 2 - 4 ? sides.above : sides.below);
    }
  }
  return sides;
}

}  // namespace

TEST_CASE("the arrow points to the side that the counter calls in") {
  // As audience/line.hpp has it: for a line from top to bottom, in is from left to right.
  Canvas down = flat(320, 240, 60);
  draw_line(down, Line{500, 0, 500, 1000});
  CHECK(green(down).right > 100);
  CHECK(green(down).left == 0);
  Canvas up = flat(320, 240, 60);
  draw_line(up, Line{500, 1000, 500, 0});
  CHECK(green(up).left > 100);
  Canvas across = flat(320, 240, 60);
  draw_line(across, Line{0, 500, 1000, 500});
  CHECK(green(across).above > 100);
  CHECK(green(across).below < green(across).above / 2);
}

TEST_CASE("the counter and the arrow agree about in") {
  const Line line{0, 600, 1000, 400};
  LineCounter counter(line);
  std::vector<int> counted;
  for (int step = 0; step < 40; ++step) {
    Track track;
    track.id = 1;
    track.confirmed = track.seen = true;
    track.box = {150, 200.0 - 5 * step - 20, 20, 20};  // upwards, as the arrow of this line points
    for (const int direction : counter.update({track}, 320, 240)) counted.push_back(direction);
  }
  CHECK(counted == std::vector<int>{1});
  Canvas canvas = flat(320, 240, 60);
  draw_line(canvas, line);
  CHECK(green(canvas).above > green(canvas).below);
}

TEST_CASE("a PNG is for the technician's eyes, and a PNG") {
  TempDirectory dir;
  Canvas canvas = flat(64, 48, 128);
  draw_zone(canvas, {{{0, 0}, {1000, 0}, {500, 1000}}});
  draw_boxes(canvas, {{10, 10, 20, 30}});
  REQUIRE(write_png(canvas, dir / "view.png").ok());
  const auto body = read_file(dir / "view.png");
  REQUIRE(body.ok());
  CHECK(std::string(body->begin(), body->begin() + 8) == "\x89PNG\r\n\x1a\n");
  struct stat told {};
  REQUIRE(::stat((dir / "view.png").c_str(), &told) == 0);
  CHECK((told.st_mode & 0777) == 0600);
  CHECK_FALSE(write_png(canvas, dir / "nowhere/view.png").ok());
}

TEST_CASE("half blocks: two pixels a character, in the frame's proportions") {
  Canvas canvas = flat(2, 2, 0);
  canvas.pixels = {0xff0000, 0x00ff00, 0x0000ff, 0xffffff};
  CHECK(half_blocks(canvas, {80, 24}, true) ==
        "\x1b[38;2;255;0;0;48;2;0;0;255m\u2580\x1b[38;2;0;255;0;48;2;255;255;255m\u2580\x1b[0m\n");
  CHECK(half_blocks(canvas, {80, 24}, false) ==
        "\x1b[38;5;196;48;5;21m\u2580\x1b[38;5;46;48;5;231m\u2580\x1b[0m\n");
  const auto lines = [](const std::string& text) {
    return std::count(text.begin(), text.end(), '\n');
  };
  const auto cells = [&](const std::string& text) {
    std::ptrdiff_t found = 0;
    for (auto at = text.find("\u2580"); at != std::string::npos; at = text.find("\u2580", at + 1))
      ++found;
    return found / lines(text);
  };
  const std::string wide = half_blocks(flat(640, 480, 90), {80, 40}, false);
  CHECK(lines(wide) == 30);
  CHECK(cells(wide) == 80);
  const std::string low = half_blocks(flat(640, 480, 90), {80, 15}, false);
  CHECK(lines(low) == 15);
  CHECK(cells(low) == 40);
  CHECK(half_blocks(flat(640, 480, 90), {80, 15}, false).find("38;5;240") != std::string::npos);
}
