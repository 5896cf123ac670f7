// What is wrong with the player at the moment, said by whoever notices and read by whoever writes
// run/player/live. Any thread.
#pragma once

#include <algorithm>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "state/live.hpp"

namespace vitrine {

class Troubles {
 public:
  // Begins, or goes on with another text.
  void begin(const std::string& code, std::string text) {
    const std::lock_guard lock(mutex_);
    const auto known = find(code);
    if (known != list_.end()) {
      known->text = std::move(text);
    } else {
      list_.push_back({code, std::move(text)});
    }
  }
  void over(const std::string& code) {
    const std::lock_guard lock(mutex_);
    const auto known = find(code);
    if (known != list_.end()) list_.erase(known);
  }
  std::vector<PlayerTrouble> list() const {
    const std::lock_guard lock(mutex_);
    return list_;
  }

 private:
  std::vector<PlayerTrouble>::iterator find(const std::string& code) {
    return std::find_if(list_.begin(), list_.end(),
                        [&](const PlayerTrouble& trouble) { return trouble.code == code; });
  }
  mutable std::mutex mutex_;
  std::vector<PlayerTrouble> list_;  // oldest first
};

}  // namespace vitrine
