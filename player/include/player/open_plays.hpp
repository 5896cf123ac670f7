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

#include <string>
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

// What an earlier player left, complete.
struct LeftPlay {
  PlayRow row;
  std::int64_t local_day = 0;
  std::string how;  // "complete", "cut: killed", ...
};

// At the start of a player, before it shows anything: a finished row stays as it is; one that was
// on the glass becomes a cut row (cause killed) with what was last known of it; one not yet flipped
// becomes a miss. Each is in run/player/ended.<seq> from then on, by decision.
std::vector<LeftPlay> close_left_plays(const StatePaths& paths);

// The same, and puts them into the log, except those it holds already. Returns how many were added.
// On an error the ones not yet stored are still where close_left_plays() finds them.
Result<int> recover_open_plays(const StatePaths& paths, PlayLog& log);

// How far back in a log a row may be that was stored just before the kill.
inline constexpr std::size_t kMostLeftPlays = 500;
bool holds_play(const std::vector<PlayRow>& rows, const PlayRow& row);

// full, 75 % and 2 s from what was seen (docs/contracts.md, "Rows"). `end` is when the glass was
// taken from it.
std::uint32_t verdict_bits(Micros first_flip, Micros end, Micros planned_length);

}  // namespace vitrine
