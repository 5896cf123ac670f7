#include "player/shot_book.hpp"

namespace vitrine {

void ShotBook::open(std::uint64_t ticket) {
  const std::lock_guard lock(mutex_);
  open_.try_emplace(ticket);
}

Hash256 ShotBook::of(std::uint64_t ticket) const {
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(ticket);
  return found == open_.end() ? Hash256{} : found->second;
}

Hash256 ShotBook::close(std::uint64_t ticket) {
  const std::lock_guard lock(mutex_);
  const auto node = open_.extract(ticket);
  return node ? node.mapped() : Hash256{};
}

bool ShotBook::note(std::uint64_t ticket, const Hash256& jpeg) {
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(ticket);
  if (found == open_.end() || found->second != Hash256{}) return false;
  found->second = jpeg;
  return true;
}

}  // namespace vitrine
