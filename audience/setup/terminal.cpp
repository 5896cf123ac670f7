#include "terminal.hpp"

#include <spdlog/fmt/fmt.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace vitrine::setup {
namespace {

using Colour = std::array<int, 3>;  // red, green, blue; 0..255

struct Span {
  int from = 0, until = 0;
};

Span part(int index, int of, int length) {
  const int from = index * length / of;
  return {from, std::max(from + 1, (index + 1) * length / of)};
}

Colour mean(const Canvas& canvas, Span across, Span down) {
  std::array<std::int64_t, 3> sum{};
  for (int y = down.from; y < down.until; ++y) {
    for (int x = across.from; x < across.until; ++x) {
      const std::uint32_t pixel =
          canvas.pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(canvas.width) +
                        static_cast<std::size_t>(x)];
      for (std::size_t i = 0; i < 3; ++i) sum[i] += pixel >> (16 - 8 * i) & 255;
    }
  }
  const std::int64_t count = std::int64_t{across.until - across.from} * (down.until - down.from);
  Colour colour{};
  for (std::size_t i = 0; i < 3; ++i) colour[i] = static_cast<int>(sum[i] / count);
  return colour;
}

// xterm's palette: a cube of 6 x 6 x 6 from 16 on, 24 greys from 232 on.
int of_256(const Colour& colour) {
  const auto [least, most] = std::minmax({colour[0], colour[1], colour[2]});
  if (most - least < 12) {
    const int grey = (colour[0] + colour[1] + colour[2]) / 3;
    return grey < 4 ? 16 : grey > 246 ? 231 : 232 + std::min(23, (grey - 3) / 10);
  }
  const auto step = [](int value) { return value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40; };
  return 16 + 36 * step(colour[0]) + 6 * step(colour[1]) + step(colour[2]);
}

std::string said(int plane, const Colour& colour, bool all_colours) {
  return all_colours ? fmt::format("{};2;{};{};{}", plane, colour[0], colour[1], colour[2])
                     : fmt::format("{};5;{}", plane, of_256(colour));
}

}  // namespace

TerminalSize terminal_size(int fd) {
  winsize told{};
  if (::ioctl(fd, TIOCGWINSZ, &told) != 0 || told.ws_col < 2 || told.ws_row < 2) return {};
  return {told.ws_col, told.ws_row};
}

bool knows_all_colours() {
  const char* told = std::getenv("COLORTERM");
  const std::string text = told ? told : "";
  return text == "truecolor" || text == "24bit";
}

std::string half_blocks(const Canvas& canvas, const TerminalSize& size, bool all_colours) {
  if (canvas.width <= 0 || canvas.height <= 0) return "";
  int columns = std::min(size.columns, canvas.width);
  int lines = std::max(1, columns * canvas.height / canvas.width / 2);
  if (lines > size.rows) {
    lines = std::max(1, size.rows);
    columns = std::clamp(2 * lines * canvas.width / canvas.height, 1, columns);
  }
  std::string text;
  for (int line = 0; line < lines; ++line) {
    for (int column = 0; column < columns; ++column) {
      const Span across = part(column, columns, canvas.width);
      const Colour upper = mean(canvas, across, part(2 * line, 2 * lines, canvas.height));
      const Colour lower = mean(canvas, across, part(2 * line + 1, 2 * lines, canvas.height));
      text +=
          "\x1b[" + said(38, upper, all_colours) + ";" + said(48, lower, all_colours) + "m\u2580";
    }
    text += "\x1b[0m\n";
  }
  return text;
}

}  // namespace vitrine::setup
