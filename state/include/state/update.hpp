// update/state: which version of the software is installed, and which is on trial. Written by
// vitrine-update as root (docs/updates.md), read by player, telemetry and `vitrine status`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "state/paths.hpp"

namespace vitrine {

struct UpdateState {
  // "idle", "installing", "trial": installed, and to be confirmed; "returning": to the one before.
  std::string phase = "idle";
  std::string installed;   // version of the packages; empty: none are
  std::string version;     // the newest that was tried
  std::string previous;    // whose packages are kept
  std::string failed;      // the newest that did not play here; not tried again by itself
  std::uint64_t told = 0;  // counts news
  std::string code, news;  // the newest: an event's code, and a line for people
  bool on_trial() const { return phase == "trial"; }
};
// nullopt: nobody updates this screen, or the file cannot be read.
std::optional<UpdateState> read_update_state(const StatePaths& paths);

}  // namespace vitrine
