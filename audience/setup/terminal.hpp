// A picture in a terminal, two pixels a character: "▀" in the colour of the upper on a ground of
// the lower (ECMA-48 SGR, with xterm's 24-bit or 256 colours).
#pragma once

#include <string>

#include "canvas.hpp"

namespace vitrine::setup {

struct TerminalSize {
  int columns = 80, rows = 24;
};
// Of the terminal behind `fd`; the default where there is none.
TerminalSize terminal_size(int fd);
// Whether it says that it knows 24-bit colours ($COLORTERM).
bool knows_all_colours();

// At most `size` large, in the frame's own proportions; every line ends with a reset and "\n". Each
// pixel is the mean of what it stands for.
std::string half_blocks(const Canvas& canvas, const TerminalSize& size, bool all_colours);

}  // namespace vitrine::setup
