// What campaigns with numbers are to play in an hour: what the day still owes them, spread over its
// hours (day_plan.hpp), of which this hour's share is played at equal distances. It depends on what
// was played before the hour, not on what was played in it, so it stands for the whole hour and
// comes out the same after a restart.
#pragma once

#include <cstdint>
#include <vector>

#include "compiled_schedule.hpp"
#include "day_plan.hpp"
#include "local_hours.hpp"

namespace vitrine {

// Of one campaign, in one hour.
struct HourTurns {
  std::int64_t plays = 0;
  std::int64_t had = 0;  // of them, pending ones and ghosts included; may be more than plays
  std::int64_t separation_ms = 0;
  std::int64_t value = 0;  // of a play: target impressions x 1000 less the price
  UtcSpans open;           // when in the hour it may play; empty: never
  bool boosted = false;    // there are more plays than without the observed audience
  // Of its next play; meaningless when there is none.
  std::int64_t opens_utc_ms = 0;
  std::int64_t closes_utc_ms = 0;

  // Whether its next play of this hour is due at `utc_ms`.
  bool due(std::int64_t utc_ms) const { return had < plays && opens_utc_ms <= utc_ms; }
  void set_window();  // after a change of the above
};

// What a plan of the hour starts from, by place of the campaign.
struct HourAccount {
  std::int64_t owed = 0;   // by the day's end, less what was had before this hour
  std::int64_t today = 0;  // had today before this hour
  std::int64_t had = 0;    // in this hour
};

// What does not change within a local day: when which campaign may play, and what that is worth.
class DayTurns {
 public:
  DayTurns(const CompiledSchedule& schedule, const ZoneTable& zone, std::int64_t day);

  // By place of the campaign. `accounts` likewise.
  std::vector<HourTurns> turns(int hour, const std::vector<HourAccount>& accounts,
                               std::uint32_t live_q4);

 private:
  void add(const CompiledSchedule& schedule, std::size_t place);
  UtcSpans open_in(const Campaign& campaign, int hour) const;
  std::int64_t longest_ms(const CompiledCampaign& campaign) const;
  void follow_audience(const std::array<std::int64_t, kHoursOfDay>& room, int hour,
                       std::uint32_t live_q4, std::vector<HourTurns>& turns) const;

  const CompiledSchedule& schedule_;
  const ZoneTable& zone_;
  std::int64_t day_;
  std::array<UtcSpans, kHoursOfDay> hours_;  // all of each
  std::array<UtcSpans, kHoursOfDay> lit_;    // when the display is on
  std::vector<std::size_t> places_;          // of those that play today at all
  std::vector<PlanWish> wishes_;             // theirs; what is owed is the last plan's
};

}  // namespace vitrine
