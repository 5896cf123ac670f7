// player/ladder and run/player/ladder: how the player's last starts ended, by which it counts its
// own falls (player/ladder.hpp). Both hold the same; where the disk takes nothing the one on tmpfs
// goes on alone, and the one with more starts is the newer.
#pragma once

#include <vector>

#include "base/ids.hpp"
#include "base/math.hpp"
#include "base/time.hpp"
#include "state/paths.hpp"

namespace vitrine {

struct LadderState {
  std::uint64_t begun = 0;      // starts, ever
  BootId boot;                  // of the four that follow; times are CLOCK_BOOTTIME
  bool running = false;         // one began and did not end as it should
  std::vector<Micros> unclean;  // starts after such an end
  bool safe = false;            // the safe loop, until a run was long enough
  bool reboot_wanted = false;
  BootId reboot_boot;  // when a reboot was asked for last
  Micros reboot_at = kAbsent;
  std::int64_t reboots = 0;  // how often, ever
  bool operator==(const LadderState&) const = default;
};

// Of the two copies the newer; none that can be read is a fresh state.
LadderState read_ladder(const StatePaths& paths);
// The one on tmpfs, too; an error says that the lasting one could not be written.
Status write_ladder(const StatePaths& paths, const LadderState& state);

}  // namespace vitrine
