#include "protocol/registry.hpp"

#include <algorithm>

namespace vitrine {

const RegisteredScreen* Registry::find(const ScreenId& screen) const {
  const auto found =
      std::find_if(screens.begin(), screens.end(),
                   [&](const RegisteredScreen& entry) { return entry.screen == screen; });
  return found == screens.end() ? nullptr : &*found;
}

std::uint32_t shard_of(const ScreenId& screen) {
  std::uint64_t hash = 14695981039346656037ull;
  for (char c : screen) hash = (hash ^ static_cast<std::uint8_t>(c)) * 1099511628211ull;
  return static_cast<std::uint32_t>(hash % kShards);
}

}  // namespace vitrine
