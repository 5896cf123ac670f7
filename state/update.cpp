#include "state/update.hpp"

#include <algorithm>

#include "platform/config.hpp"

namespace vitrine {

std::optional<UpdateState> read_update_state(const StatePaths& paths) {
  auto file = Config::read(paths.update_state());
  if (!file) return std::nullopt;
  UpdateState state;
  state.phase = file->text_or("phase", state.phase);
  state.installed = file->text_or("installed", "");
  state.version = file->text_or("version", "");
  state.previous = file->text_or("previous", "");
  state.failed = file->text_or("failed", "");
  state.told = static_cast<std::uint64_t>(std::max<std::int64_t>(0, file->integer_or("told", 0)));
  state.code = file->text_or("code", "");
  state.news = file->text_or("news", "");
  return state;
}

}  // namespace vitrine
