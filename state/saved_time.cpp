#include "state/saved_time.hpp"

#include "platform/config.hpp"
#include "toml_text.hpp"

namespace vitrine {

Status write_saved_time(const StatePaths& paths, const SavedTime& saved) {
  return write_atomic(paths.saved_time(), TomlText()
                                              .integer("boot_high", saved.boot.high)
                                              .integer("boot_low", saved.boot.low)
                                              .integer("boottime_us", saved.boottime_us)
                                              .integer("utc_us", saved.utc_us)
                                              .integer("error_us", saved.error_us)
                                              .str());
}

std::optional<SavedTime> read_saved_time(const StatePaths& paths) {
  auto file = Config::read(paths.saved_time());
  if (!file) return std::nullopt;
  SavedTime saved;
  saved.boot = {file->integer_or("boot_high", 0), file->integer_or("boot_low", 0)};
  saved.boottime_us = file->integer_or("boottime_us", 0);
  saved.utc_us = file->integer_or("utc_us", 0);
  saved.error_us = file->integer_or("error_us", -1);
  if (saved.utc_us <= 0 || saved.error_us < 0 || saved.boottime_us < 0) return std::nullopt;
  return saved;
}

}  // namespace vitrine
