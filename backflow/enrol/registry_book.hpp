// registry.json as its writer sees it: read again only when another program has replaced it, so
// that thousands of screens cost nothing a request.
#pragma once

#include <map>
#include <optional>

#include "platform/file.hpp"
#include "protocol/registry.hpp"

namespace vitrine {

// Used under Book::begin(), which keeps other writers out.
class RegistryBook {
 public:
  explicit RegistryBook(fs::path path) : path_(std::move(path)) {}

  // An error names the file; nothing is kept then.
  Status load();
  const Registry& registry() const { return registry_; }
  // nullptr when it is not there; valid until the next load() or put().
  const RegisteredScreen* find(const ScreenId& screen) const;
  // Counts the changes that load() and put() brought.
  std::uint64_t version() const { return version_; }
  // Adds or replaces, and writes the file.
  Status put(RegisteredScreen screen);

 private:
  void index();

  fs::path path_;
  std::optional<FileStamp> read_at_;
  Registry registry_;
  std::map<ScreenId, std::size_t> places_;
  std::uint64_t version_ = 0;
};

}  // namespace vitrine
