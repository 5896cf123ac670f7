// What a player does about its own falls: an item that fails gives way to the next (the presenter
// sees to that); a player that falls is started again (by systemd); one that falls again and again
// begins in the safe loop; and where that falls, too, a reboot is asked for, at most once an hour.
// Pure: the state is read and written by LadderWatch.
#pragma once

#include "state/ladder.hpp"

namespace vitrine {

enum class Rung { normal, safe };

struct LadderRules {
  std::size_t falls = 4;         // so many unclean ends ...
  Micros within = 10 * kMinute;  // ... in this time are one rung
  Micros good_run = 10 * kMinute;
  Micros between_reboots = kHour;
};

// A player starts: notes it, and says on which rung it does. `reboot_wanted` turns true in `state`
// when the safe loop fell as often as the normal programme had.
//
// A machine that was switched off or rebooted meanwhile begins anew: that was no fall of the
// player's, or it was the cure.
Rung begin_run(LadderState& state, BootId boot, Micros now, const LadderRules& rules);

// The player ends as it should.
void end_run(LadderState& state);

// It has run for rules.good_run: what fell before counts no more, and the safe loop is over.
void good_run(LadderState& state);

}  // namespace vitrine
