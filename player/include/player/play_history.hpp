// What was played, kept in memory for the next decision. One thread.
#pragma once

#include <map>
#include <tuple>
#include <vector>

#include "player/inputs.hpp"
#include "scheduler/decide.hpp"
#include "state/play_log.hpp"

namespace vitrine {

class PlayHistory {
 public:
  static constexpr std::size_t kMostRecent = 1000;

  // From the log at start. Plays of an earlier boot have no known age: they count, but count as
  // old.
  void load(const std::vector<PlayRow>& newest, const std::vector<PlayLog::TallyEntry>& tally,
            BootId boot, Micros now, const ClockReading& clock, const ZoneTable& zone);
  void add(const HistoryPlay& play);
  // What decide() needs for this schedule.
  History for_schedule(const Schedule& schedule) const;

 private:
  std::vector<HistoryPlay> recent_;
  std::map<std::tuple<CampaignId, CreativeId, std::int64_t>, std::int64_t> tally_;
};

// A play at `started`, with its local day and hour as far as the clock knows them (day 0 while it
// does not).
HistoryPlay history_play(CampaignId campaign, CreativeId creative, Micros started,
                         const ClockReading& clock, const ZoneTable& zone);

}  // namespace vitrine
