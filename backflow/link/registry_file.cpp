#include "backflow/registry_file.hpp"

#include "platform/log.hpp"
#include "protocol/documents.hpp"

namespace vitrine {

const Registry& RegistryFile::current() {
  std::error_code error;
  const auto changed = fs::last_write_time(path_, error);
  if (error || read_at_ == changed) return registry_;
  read_at_ = changed;
  auto text = read_text(path_);
  auto registry = text ? read_registry(*text) : Result<Registry>(text.error());
  if (!registry) {
    log_error("cannot read the registry: {}; keeping {} screens", registry.error().message,
              registry_.screens.size());
    return registry_;
  }
  registry_ = *std::move(registry);
  by_name_.clear();
  for (const RegisteredScreen& screen : registry_.screens)
    by_name_.try_emplace(screen.screen, &screen);
  log_info("registry: {} screens", registry_.screens.size());
  return registry_;
}

const RegisteredScreen* RegistryFile::find(const ScreenId& screen) {
  (void)current();
  const auto found = by_name_.find(screen);
  return found == by_name_.end() ? nullptr : found->second;
}

}  // namespace vitrine
