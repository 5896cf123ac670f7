#include "player_troubles.hpp"

#include <algorithm>

namespace vitrine {
namespace {

constexpr Micros kAgainAfter = kMinute;
constexpr std::size_t kMost = 16;  // whoever writes more of them is no player of ours

}  // namespace

void PlayerTroubles::tick(const StatePaths& paths, Micros now) {
  if (now < not_before_) return;
  const auto live = read_player_live(paths, now);
  if (!live) return;
  const auto& troubles = live->troubles;
  for (auto known = said_.begin(); known != said_.end();) {
    const std::string& code = known->first;
    const bool lasts = std::any_of(troubles.begin(), troubles.end(),
                                   [&code](const PlayerTrouble& t) { return t.code == code; });
    if (!lasts && !say(code + "-over", "over: " + known->second, now)) return;
    known = lasts ? std::next(known) : said_.erase(known);
  }
  for (const PlayerTrouble& trouble : troubles) {
    if (said_.contains(trouble.code) || said_.size() >= kMost) continue;
    if (!say(trouble.code, trouble.text, now)) return;
    said_[trouble.code] = trouble.text;
  }
}

bool PlayerTroubles::say(const std::string& code, const std::string& text, Micros now) {
  if (notify_("player-" + code, text)) return true;
  not_before_ = now + kAgainAfter;
  return false;
}

}  // namespace vitrine
