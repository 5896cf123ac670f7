// What a log's rows were by the clocks of their time: starts, local days and hours, sums.
#pragma once

#include <unordered_map>

#include "scheduler/replay.hpp"

namespace vitrine {

class LogHistory {
 public:
  // Both are borrowed.
  LogHistory(const ScreenLog& log, const ZoneTable& zone);

  static bool counts(const PlayRow& row) { return row.kind != PlayKind::miss; }
  // The clock a decision was made by.
  KnownClock clock_at(std::uint64_t decision_seq) const;
  // As remembered when it was played. A ghost starts with the play in its slot.
  HistoryPlay play_of(const PlayRow& row) const;
  // Rows [first, last) of the log as a player remembers them that starts in `boot` with `clock`.
  std::vector<HistoryPlay> recent(std::size_t first, std::size_t last, BootId boot,
                                  const KnownClock& clock) const;

 private:
  Micros started(const PlayRow& row) const;

  const ScreenLog& log_;
  const ZoneTable& zone_;
  std::vector<std::pair<std::uint64_t, KnownClock>> clocks_;  // by the decision they hold from
  std::unordered_map<std::uint64_t, Micros> ghost_flips_;     // of decisions that have ghosts
};

}  // namespace vitrine
