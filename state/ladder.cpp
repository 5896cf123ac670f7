#include "state/ladder.hpp"

#include <charconv>

#include "toml_text.hpp"

namespace vitrine {
namespace {

LadderState read_copy(const fs::path& path) {
  LadderState state;
  const auto config = Config::read(path);
  if (!config) return state;
  const auto boot = [&](const std::string& name) {
    return BootId{config->integer_or(name + "_high", 0), config->integer_or(name + "_low", 0)};
  };
  set_column(state.begun, config->integer_or("begun", 0));
  state.boot = boot("boot");
  state.running = config->integer_or("running", 0) != 0;
  state.safe = config->integer_or("safe", 0) != 0;
  state.reboot_wanted = config->integer_or("reboot_wanted", 0) != 0;
  state.reboot_boot = boot("reboot_boot");
  state.reboot_at = config->integer_or("reboot_at", kAbsent);
  state.reboots = config->integer_or("reboots", 0);
  const auto unclean = config->texts("unclean");
  if (!unclean) return state;
  for (const std::string& text : *unclean) {
    Micros at = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), at);
    if (parsed.ec == std::errc()) state.unclean.push_back(at);
  }
  return state;
}

std::string text_of(const LadderState& state) {
  std::vector<std::string> unclean;
  for (const Micros at : state.unclean) unclean.push_back(std::to_string(at));
  TomlText toml;
  toml.integer("begun", column_value(state.begun))
      .integer("boot_high", state.boot.high)
      .integer("boot_low", state.boot.low)
      .integer("running", state.running ? 1 : 0)
      .texts("unclean", unclean)
      .integer("safe", state.safe ? 1 : 0)
      .integer("reboot_wanted", state.reboot_wanted ? 1 : 0)
      .integer("reboots", state.reboots);
  if (state.reboot_at != kAbsent) {
    toml.integer("reboot_boot_high", state.reboot_boot.high)
        .integer("reboot_boot_low", state.reboot_boot.low)
        .integer("reboot_at", state.reboot_at);
  }
  return toml.str();
}

}  // namespace

LadderState read_ladder(const StatePaths& paths) {
  LadderState lasting = read_copy(paths.ladder());
  LadderState of_boot = read_copy(paths.ladder_of_boot());
  return of_boot.begun > lasting.begun ? of_boot : lasting;
}

Status write_ladder(const StatePaths& paths, const LadderState& state) {
  const std::string text = text_of(state);
  (void)replace_volatile(paths.ladder_of_boot(), text);  // without it the lasting one counts
  return write_atomic(paths.ladder(), text);
}

}  // namespace vitrine
