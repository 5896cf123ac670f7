// Plays that are not yet in the log, kept in /run so that a killed player's successor can put them
// there:
//
//     run/player/open          the play on the glass, or about to take it (state/live.hpp)
//     run/player/open.<seq>    the one before it, until its end is known; <seq> is its decision
//     run/player/ended.<seq>   a finished row on its way to the log; removed once it is durable
//
// Written by the presenting thread, `ended` removed by the recorder's. All on tmpfs: no call waits
// for a disk.
#pragma once

#include <vector>

#include "state/live.hpp"
#include "state/play_log.hpp"

namespace vitrine {

class OpenPlays {
 public:
  explicit OpenPlays(StatePaths paths) : paths_(std::move(paths)) {}

  // `play` is about to be flipped; whatever was on the glass before waits for its end.
  Status begin(const OpenPlay& play);
  Status refresh(const OpenPlay& play);
  // The play's row is complete.
  Status end(const OpenPlay& play);
  // The row is in the log, or never will be.
  Status forget(const PlayRow& row) const;

 private:
  fs::path file(const char* what, std::uint64_t decision_seq) const;
  StatePaths paths_;
  std::uint64_t on_glass_ = 0;  // decision_seq in `open`; 0 = none
};

// At the start of a player: what an earlier one left becomes rows. A finished row goes in as it is;
// one that was on the glass becomes a cut row (cause killed) with what was last known of it; one
// not yet flipped becomes a miss. Rows that the log already holds are skipped. Returns how many
// were added.
Result<int> recover_open_plays(const StatePaths& paths, PlayLog& log);

// full, 75 % and 2 s from what was seen (docs/contracts.md, "Rows"). `end` is when the glass was
// taken from it.
std::uint32_t verdict_bits(Micros first_flip, Micros end, Micros planned_length);

}  // namespace vitrine
