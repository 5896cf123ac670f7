// What is shown on the safe rung of the ladder: the house loop and what has been shown to its end
// before, without what was on the glass at most of the player's ends. A pure filter over what
// may be shown, so the decisions made from it can be made again from the record like all others.
#pragma once

#include <set>
#include <vector>

#include "player/inputs.hpp"

namespace vitrine {

class SafeLoop {
 public:
  // `plays`: the newest of the log, oldest first.
  explicit SafeLoop(const std::vector<PlayRow>& plays);

  void keep_safe(PlayInputs& inputs) const;

 private:
  bool is_safe(const Hash256& content, const std::set<Hash256>& house) const;

  std::set<Hash256> shown_well_;
  std::set<Hash256> suspects_;
};

}  // namespace vitrine
