// Which takeover the player is offered: of those held and due, the screen's before its groups'.
// Offered again whenever that changes; when none is left, the document that withdrew the last one
// is what the player gets, because it believes nothing unsigned. Showing it is the player's.
#pragma once

#include "inbox.hpp"
#include "state/generation.hpp"

namespace vitrine {

class TakeoverOffer {
 public:
  TakeoverOffer(StatePaths paths, Inbox& inbox) : inbox_(inbox), store_(std::move(paths)) {}

  // `ready` says whether a takeover's creatives are there and have their verdicts; it may refuse
  // the document. `now_utc_s` or kNoClock.
  void tick(std::int64_t now_utc_s, const std::function<bool(HeldDocument&)>& ready);

 private:
  void offer(HeldDocument& takeover);

  Inbox& inbox_;
  GenerationStore store_;
  std::string last_complaint_;
};

}  // namespace vitrine
