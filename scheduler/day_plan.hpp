// How the plays that campaigns are owed spread over the hours of the day: every play goes to the
// hour where it is worth most, as long as there is room; a conflict goes to the higher value. Where
// hours are worth the same to a campaign its plays spread evenly over them.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "base/ids.hpp"
#include "local_hours.hpp"

namespace vitrine {

// One campaign's wish for what is left of a day.
struct PlanWish {
  CampaignId campaign = 0;
  std::int64_t owed = 0;       // plays, for all hours together
  std::int64_t length_ms = 1;  // of one play, > 0
  // By hour of the day, target impressions x 1000 less the campaign's price.
  std::array<std::int64_t, kHoursOfDay> value{};
  // Most plays by its own rules (separation, caps, dayparts); 0 = closed.
  std::array<std::int32_t, kHoursOfDay> most{};
};

using HourPlays = std::array<std::int32_t, kHoursOfDay>;

// Plays of each wish in each hour. `room_ms` is the time on the glass of each hour; hours gone by
// have none. Takes time in proportion to plays x hours. What finds no room is left out: it stays
// owed.
std::vector<HourPlays> plan_day(const std::vector<PlanWish>& wishes,
                                std::array<std::int64_t, kHoursOfDay> room_ms);

// The turns of one campaign in an hour: its plays stand at equal distances, each in a window of its
// own (the windows of Pfair scheduling: Baruah et al., Algorithmica 15, 1996). Played within their
// windows, the plays so far never differ from the even share by a whole one; and earliest window
// end first keeps all to their windows as long as they fit the hour.
struct Turns {
  std::int64_t plays = 0;          // in the hour; > 0
  std::int64_t had = 0;            // of them, played already; < plays
  std::int64_t open_ms = 0;        // of the hour; > 0
  std::int64_t separation_ms = 0;  // least time from one play to the next
  // Time from the hour's beginning, its closed parts left out.
  std::int64_t opens_ms() const { return had * open_ms / plays; }
  // The end of its window; sooner where the plays after it would no longer fit the hour.
  std::int64_t closes_ms() const {
    const std::int64_t window = ((had + 1) * open_ms + plays - 1) / plays;
    return std::min(window, open_ms - (plays - had - 1) * separation_ms);
  }
};

}  // namespace vitrine
