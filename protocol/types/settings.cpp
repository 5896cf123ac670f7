#include "protocol/settings.hpp"

#include <algorithm>

namespace vitrine {

const TrustedKey* Trust::find(const std::string& key_id) const {
  if (std::find(revoked.begin(), revoked.end(), key_id) != revoked.end()) return nullptr;
  const auto found = std::find_if(keys.begin(), keys.end(),
                                  [&](const TrustedKey& key) { return key.key_id == key_id; });
  return found == keys.end() ? nullptr : &*found;
}

std::optional<CommandVerb> command_verb(std::string_view name) {
  for (std::size_t i = 0; i < kCommandVerbNames.size(); ++i) {
    if (kCommandVerbNames[i] == name) return static_cast<CommandVerb>(i);
  }
  return std::nullopt;
}

}  // namespace vitrine
