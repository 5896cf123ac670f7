// The player's command line.
#pragma once

#include <optional>

#include "player/output.hpp"
#include "state/paths.hpp"

namespace vitrine {

struct PlayerArguments {
  StatePaths paths;
  HeadlessOptions headless;
};

// nullopt: `status` is what the program exits with (0 after --help).
std::optional<PlayerArguments> read_player_arguments(int argc, char** argv, int& status);

}  // namespace vitrine
