#include "state/commands.hpp"

#include <algorithm>

#include "protocol/command_picture.hpp"
#include "protocol/document.hpp"
#include "toml_text.hpp"

namespace vitrine {
namespace {

fs::path picture_of(const StatePaths& paths, std::uint64_t number) {
  return paths.replies() / (std::to_string(number) + ".jpg");
}

}  // namespace

std::vector<PlayerCommand> read_player_commands(const StatePaths& paths) {
  std::vector<PlayerCommand> commands;
  for (const std::uint64_t number : list_numbers(paths.commands())) {
    auto jws = read_text(paths.commands() / std::to_string(number), kMaxPacket);
    if (jws) commands.push_back({number, std::move(*jws)});
  }
  return commands;
}

Result<std::uint64_t> write_player_command(const StatePaths& paths, const std::string& jws) {
  // Above every answer too: an old answer must not pass for a new one.
  std::uint64_t highest = 0;
  for (const auto& directory : {paths.commands(), paths.replies()}) {
    const auto numbers = list_numbers(directory);
    if (!numbers.empty()) highest = std::max(highest, numbers.back());
  }
  const std::uint64_t number = highest + 1;
  auto written = replace_volatile(paths.commands() / std::to_string(number), jws);
  if (!written) return std::move(written).error();
  return number;
}

Status remove_player_command(const StatePaths& paths, std::uint64_t number) {
  return remove_file(paths.commands() / std::to_string(number));
}

Status write_player_answer(const StatePaths& paths, const PlayerAnswer& answer) {
  return replace_volatile(paths.replies() / std::to_string(answer.number),
                          TomlText()
                              .text("command", to_hex(answer.command))
                              .integer("done", answer.done ? 1 : 0)
                              .text("text", answer.text)
                              .str());
}

std::optional<PlayerAnswer> read_player_answer(const StatePaths& paths, std::uint64_t number) {
  auto config = Config::read(paths.replies() / std::to_string(number));
  if (!config) return std::nullopt;
  const auto command = hash_from_hex(config->text_or("command", ""));
  if (!command) return std::nullopt;
  return PlayerAnswer{number, *command, config->integer_or("done", 0) != 0,
                      config->text_or("text", "")};
}

std::vector<PlayerAnswer> read_player_answers(const StatePaths& paths) {
  std::vector<PlayerAnswer> answers;
  for (const std::uint64_t number : list_numbers(paths.replies())) {
    if (auto answer = read_player_answer(paths, number)) answers.push_back(std::move(*answer));
  }
  return answers;
}

Status write_player_picture(const StatePaths& paths, std::uint64_t number, ByteView jpeg) {
  return replace_volatile(picture_of(paths, number), as_text(jpeg));
}

Result<Bytes> read_player_picture(const StatePaths& paths, std::uint64_t number) {
  return read_file(picture_of(paths, number), kMostPictureBytes);
}

Status remove_player_picture(const StatePaths& paths, std::uint64_t number) {
  return remove_file(picture_of(paths, number));
}

Status remove_player_answer(const StatePaths& paths, std::uint64_t number) {
  if (auto removed = remove_player_picture(paths, number); !removed) return removed;
  return remove_file(paths.replies() / std::to_string(number));
}

}  // namespace vitrine
