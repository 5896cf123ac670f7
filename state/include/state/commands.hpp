// run/telemetry/commands/<n> and run/player/replies/<n>: what an operator asks of the player, and
// its answer (docs/contracts.md, "Files on the device"). Telemetry writes the command as it was
// signed, for it is trusted with nothing: the player checks it again. One writer a file; each is
// replaced whole, on tmpfs, and gone after a boot.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "state/paths.hpp"

namespace vitrine {

struct PlayerCommand {
  std::uint64_t number = 0;
  std::string jws;
};
// Lowest number first. A file that is too large or cannot be read is left out.
std::vector<PlayerCommand> read_player_commands(const StatePaths& paths);
Result<std::uint64_t> write_player_command(const StatePaths& paths, const std::string& jws);
Status remove_player_command(const StatePaths& paths, std::uint64_t number);

struct PlayerAnswer {
  std::uint64_t number = 0;  // of the command
  Hash256 command{};         // its SHA-256
  bool done = false;
  std::string text;  // one line: what was found, or why it was not done
};
Status write_player_answer(const StatePaths& paths, const PlayerAnswer& answer);
std::optional<PlayerAnswer> read_player_answer(const StatePaths& paths, std::uint64_t number);
std::vector<PlayerAnswer> read_player_answers(const StatePaths& paths);
// run/player/replies/<n>.jpg: what a screenshot shows; there before its answer is. `not_found`:
// none.
Status write_player_picture(const StatePaths& paths, std::uint64_t number, ByteView jpeg);
Result<Bytes> read_player_picture(const StatePaths& paths, std::uint64_t number);
Status remove_player_picture(const StatePaths& paths, std::uint64_t number);
// With its picture.
Status remove_player_answer(const StatePaths& paths, std::uint64_t number);

}  // namespace vitrine
