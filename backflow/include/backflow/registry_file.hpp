// registry.json as the daemons see it: read again when the file has changed. A version that cannot
// be read is complained about once and the last good one kept, so a slip of the pen does not stop a
// network.
#pragma once

#include <optional>
#include <string_view>
#include <unordered_map>

#include "platform/file.hpp"
#include "protocol/registry.hpp"

namespace vitrine {

class RegistryFile {
 public:
  explicit RegistryFile(fs::path path) : path_(std::move(path)) {}
  RegistryFile(RegistryFile&&) = default;  // a copy's index would point into the original
  // Looks at the time of the last change and no more while it stays the same. Valid until the next
  // call.
  const Registry& current();
  // Of the current registry, by an index: a registry holds thousands. Null when there is none.
  const RegisteredScreen* find(const ScreenId& screen);

 private:
  fs::path path_;
  std::optional<fs::file_time_type> read_at_;
  Registry registry_;
  std::unordered_map<std::string_view, const RegisteredScreen*> by_name_;  // into registry_
};

}  // namespace vitrine
