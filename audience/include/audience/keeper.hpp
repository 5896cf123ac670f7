// From presence to rows: one exposure row for each play that was shown, one flow row a minute. Main
// loop only.
#pragma once

#include <deque>
#include <optional>

#include "audience/presence.hpp"
#include "platform/clock.hpp"
#include "state/exposure_log.hpp"
#include "state/play_log.hpp"

namespace vitrine {

// Follows the player's log, also over a restart (it goes on after the last play that has its row)
// and to a log that replaced the one before. Plays from before our start, from another boot or
// without a camera get a row with coverage 0.
class ExposureKeeper {
 public:
  // All must outlive it; `plays` is where plays.db lies.
  ExposureKeeper(LogPlace plays, const Clock& clock, PresenceTimeline& timeline, ExposureLog& log)
      : plays_(std::move(plays)), clock_(clock), timeline_(timeline), log_(log) {}

  // Rows for all plays that ended by `complete_until`. No log of the player yet is no error. After
  // an error the next tick goes on where this one stood.
  Status tick(Micros complete_until);
  // What was written since the last commit is lost: goes on after the last play that has its row.
  void again();
  std::int64_t rows() const { return rows_; }  // written since start

 private:
  Status follow_log();
  Result<bool> take_batch(Micros complete_until);
  ExposureRow row_of(const PlayRow& play, const Timeline& timeline) const;

  LogPlace plays_;
  const Clock& clock_;
  PresenceTimeline& timeline_;
  ExposureLog& log_;
  std::optional<PlayLogReader> reader_;
  std::optional<LogId> log_id_;
  std::uint64_t after_ = 0;
  std::int64_t rows_ = 0;
};

// Minutes lie on the grid of CLOCK_BOOTTIME. A minute in which the daemon was restarted has two
// rows that add up.
class FlowKeeper {
 public:
  FlowKeeper(const Clock& clock, PresenceTimeline& timeline, ExposureLog& log);

  void take(Micros complete_until);    // every minute that is over, to be written
  void finish(Micros complete_until);  // the started one, too
  // What was taken, in one transaction. It is written again by the next call, unless written() says
  // that it is durable.
  Status write();
  void written() { waiting_.clear(); }

  struct Recent {
    std::int64_t person_ms = 0;
    std::int64_t covered_ms = 0;
  };
  Recent last_quarter() const;  // sums of the last 15 whole minutes, written or not

 private:
  void take_minute();

  const Clock& clock_;
  PresenceTimeline& timeline_;
  ExposureLog& log_;
  Micros next_ = 0;  // start of the first minute that was not taken
  std::vector<FlowRow> waiting_;
  std::deque<Recent> recent_;
};

}  // namespace vitrine
