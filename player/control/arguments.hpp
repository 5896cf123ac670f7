// The player's command line.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "player/output.hpp"
#include "state/paths.hpp"

namespace vitrine {

enum class OutputKind { headless, kms, x11 };

// --play and what goes with it.
struct FilePlay {
  std::vector<fs::path> files;  // empty: the schedule is played
  Micros still_length = 10 * kSecond;
  bool once = false;
};

// --probe-display.
struct DisplayProbe {
  bool asked = false;
  fs::path file;  // empty: standard output
  Micros show = 10 * kSecond;
};

struct PlayerArguments {
  StatePaths paths;
  OutputKind output = OutputKind::headless;
  HeadlessOptions headless;
  KmsOptions kms;
  X11Options x11;
  std::optional<std::string> alsa;  // the device that sound goes to; none: nobody hears any
  int rotate = 0;                   // 90, 180, 270: how far the display hangs turned, clockwise
  FilePlay play;
  DisplayProbe probe;
};

// nullopt: `status` is what the program exits with (0 after --help).
std::optional<PlayerArguments> read_player_arguments(int argc, char** argv, int& status);

}  // namespace vitrine
