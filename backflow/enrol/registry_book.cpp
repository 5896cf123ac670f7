#include "enrol/registry_book.hpp"

#include "protocol/documents.hpp"

namespace vitrine {

Status RegistryBook::load() {
  auto now = stamp_of(path_);
  if (!now) return std::move(now).error();
  if (read_at_ == *now) return ok();
  auto text = read_text(path_);
  if (!text) return std::move(text).error();
  auto read = read_registry(*text);
  if (!read) return std::move(read).error().context(path_.string());
  registry_ = *std::move(read);
  read_at_ = *now;
  index();
  ++version_;
  return ok();
}

void RegistryBook::index() {
  places_.clear();
  for (std::size_t i = 0; i < registry_.screens.size(); ++i)
    places_[registry_.screens[i].screen] = i;
}

const RegisteredScreen* RegistryBook::find(const ScreenId& screen) const {
  const auto place = places_.find(screen);
  return place == places_.end() ? nullptr : &registry_.screens[place->second];
}

Status RegistryBook::put(RegisteredScreen screen) {
  const auto [place, fresh] = places_.try_emplace(screen.screen, registry_.screens.size());
  if (fresh) {
    registry_.screens.push_back(std::move(screen));
  } else {
    registry_.screens[place->second] = std::move(screen);
  }
  // Until the new file has been stamped the memory counts for nothing.
  read_at_.reset();
  if (auto written = write_atomic(path_, write_registry(registry_), 0644); !written) return written;
  auto now = stamp_of(path_);
  if (!now) return std::move(now).error();
  read_at_ = *now;
  ++version_;
  return ok();
}

}  // namespace vitrine
