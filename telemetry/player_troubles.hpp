// What the player says is wrong with it (run/player/live), as events: player-<code> when it begins,
// player-<code>-over when it ends. A player that says nothing ends nothing. One that cannot be
// kept, as on a full disk, is tried again each minute.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "state/live.hpp"

namespace vitrine {

class PlayerTroubles {
 public:
  // False: the event could not be kept.
  using Notify = std::function<bool(const std::string& code, const std::string& text)>;
  explicit PlayerTroubles(Notify notify) : notify_(std::move(notify)) {}

  void tick(const StatePaths& paths, Micros now);

 private:
  bool say(const std::string& code, const std::string& text, Micros now);

  Notify notify_;
  std::map<std::string, std::string> said_;  // code and text of what lasts
  Micros not_before_ = 0;
};

}  // namespace vitrine
