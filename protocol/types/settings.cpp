#include "protocol/settings.hpp"

#include <algorithm>

namespace vitrine {

bool is_software_version(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !text.empty() && text.size() <= 64 && digit(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  std::string_view(".+~:-").find(c) != std::string_view::npos;
         });
}

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
