// A screen's log read back: what it says was played, and each of its decisions made once more from
// the documents, the plays and the inputs on record (docs/contracts.md, "Rows"). Pure, as the
// scheduler is.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "scheduler/known_clock.hpp"
#include "scheduler/scheduler.hpp"

namespace vitrine {

// Rows ascend by seq. `tally` counts all plays that ever were, those in `plays` included. The
// inputs begin with a restatement (InputKind::restated) no later than the first play.
struct ScreenLog {
  std::vector<PlayRow> plays;
  std::vector<InputRow> inputs;
  std::vector<History::Tally> tally;
};

// So many rows a player that starts remembers one by one; sums of all the others.
inline constexpr std::size_t kMostRecentPlays = 20'000;

// What was played, as a player remembers it that starts in `boot` with `clock`. Plays of an earlier
// boot stand where the clocks of then and now put them; where either is not known they count, but
// as long ago.
History history_of(const ScreenLog& log, BootId boot, const KnownClock& clock,
                   const ZoneTable& zone);

// Every decision on record, made again.
class Replay {
 public:
  struct Step {
    const PlayRow* row = nullptr;  // what became of it; never a ghost's
    Question question;
    bool made = false;       // false: not everything it was made from is at hand
    Decision decision;       // made again
    std::string difference;  // empty: the same; else in words
  };
  // The documents of a generation (0 = none yet) with a takeover by version (0 = none), which live
  // as long as the replay.
  using Archive =
      std::function<Result<Documents>(std::uint64_t generation, std::uint64_t takeover)>;

  // `log` is borrowed.
  Replay(const ScreenLog& log, Archive archive, ZoneTable zone);
  ~Replay();

  // The next decision in the order in which they were made; false: there is none.
  bool next(Step& step);
  // Why everything else was kept out of the last step's slot, and where everybody stood. Only of a
  // step that was made.
  std::vector<Rejection> why_not(const Step& step);
  Standings standings(const Step& step);

 private:
  class Room;
  std::unique_ptr<Room> room_;
};

}  // namespace vitrine
