// What campaigns with numbers are to play in the hour of a slot: what the day still owes them,
// spread over its hours (day_plan.hpp), of which this hour's share is played at equal distances. It
// depends on what was played before the hour, not on what was played in it, so it stands for the
// whole hour and comes out the same after a restart.
#pragma once

#include <vector>

#include "candidates.hpp"
#include "day_plan.hpp"

namespace vitrine {

struct HourTurns {
  CampaignId campaign = 0;
  std::int64_t plays = 0;  // in this hour
  std::int64_t had = 0;    // of them, pending ones and ghosts included; may be more than plays
  std::int64_t value = 0;  // of a play here and now: target impressions x 1000 less the price
  std::int64_t separation_ms = 0;
  bool boosted = false;  // there are more of them than without the observed audience
  UtcSpans open;         // of this hour, for this campaign

  // Whether its next play of this hour is due at `utc_ms`, and by when it has to be had.
  bool due(std::int64_t utc_ms) const;
  std::int64_t opens_utc_ms() const;
  std::int64_t closes_utc_ms() const;

 private:
  Turns turns() const;
};

// By campaign id, ascending. Campaigns that cannot play at all today are left out. Empty without a
// clock or without numbers.
std::vector<HourTurns> hour_turns(const SlotView& slot);

}  // namespace vitrine
