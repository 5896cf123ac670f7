#include "state/field_notes.hpp"

#include "platform/config.hpp"
#include "toml_text.hpp"

namespace vitrine {

Status add_field_note(const StatePaths& paths, const Clock& clock, const std::string& code,
                      const std::string& text) {
  const auto numbers = list_numbers(paths.field_notes());
  const std::uint64_t number = numbers.empty() ? 1 : numbers.back() + 1;
  const BootId boot = clock.boot_id();
  auto written = write_atomic(paths.field_notes() / std::to_string(number),
                              TomlText()
                                  .text("code", code)
                                  .text("text", text)
                                  .integer("boot_high", boot.high)
                                  .integer("boot_low", boot.low)
                                  .integer("at", clock.boottime())
                                  .str(),
                              0644);
  if (!written) return written;
  for (std::size_t i = 0; i + kFieldNotesKept <= numbers.size(); ++i) {
    if (auto gone = remove_file(paths.field_notes() / std::to_string(numbers[i])); !gone)
      return gone;
  }
  return ok();
}

std::vector<FieldNote> field_notes_after(const StatePaths& paths, std::uint64_t number) {
  std::vector<FieldNote> notes;
  for (const std::uint64_t found : list_numbers(paths.field_notes())) {
    if (found <= number) continue;
    const auto config = Config::read(paths.field_notes() / std::to_string(found));
    if (!config || config->text_or("code", "").empty()) continue;
    notes.push_back({found,
                     config->text_or("code", ""),
                     config->text_or("text", ""),
                     {config->integer_or("boot_high", 0), config->integer_or("boot_low", 0)},
                     config->integer_or("at", 0)});
  }
  return notes;
}

}  // namespace vitrine
