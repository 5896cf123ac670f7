#include "player/inputs.hpp"

#include <utility>

namespace vitrine {

void InputBoard::publish(std::shared_ptr<const PlayInputs> inputs) {
  const std::lock_guard lock(mutex_);
  inputs_.swap(inputs);  // the old one is freed outside the lock, by whoever holds it last
}

std::shared_ptr<const PlayInputs> InputBoard::newest() const {
  const std::lock_guard lock(mutex_);
  return inputs_;
}

void InputBoard::report(const PlaybackReport& report) {
  const std::lock_guard lock(mutex_);
  report_ = report;
}

PlaybackReport InputBoard::last_report() const {
  const std::lock_guard lock(mutex_);
  return report_;
}

void InputBoard::quarantine(const Hash256& content) {
  const std::lock_guard lock(mutex_);
  quarantined_.push_back(content);
}

std::vector<Hash256> InputBoard::take_quarantined() {
  const std::lock_guard lock(mutex_);
  return std::exchange(quarantined_, {});
}

void InputBoard::doubt(const Hash256& content) {
  const std::lock_guard lock(mutex_);
  doubted_.push_back(content);
}

std::vector<Hash256> InputBoard::take_doubted() {
  const std::lock_guard lock(mutex_);
  return std::exchange(doubted_, {});
}

}  // namespace vitrine
