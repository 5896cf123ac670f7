// Where everybody stands when a slot is decided: the figures behind the reasons.
#pragma once

#include <optional>
#include <vector>

#include "scheduler/decide.hpp"

namespace vitrine {

// Plays count with ghosts and with what is on its way to the glass. Times are absent (kAbsent)
// where there are none.
struct Standing {
  CampaignId campaign = 0;
  bool open = false;  // its days and hours hold, and it has something to show
  std::int64_t today = 0;
  std::int64_t this_hour = 0;
  std::int64_t daily_cap = kAbsent;  // of rules and contract the lower
  std::int64_t hourly_cap = kAbsent;
  Micros since_last = kAbsent;  // from its last start to this slot; known with a separation only

  // Where the numbers speak for it.
  bool by_quota = false;
  std::int64_t due_today = 0;   // by the day's end, what earlier days left over or had too many of
                                // included
  std::int64_t hour_plays = 0;  // of them planned into this hour
  std::int64_t hour_had = 0;
  std::int64_t opens_utc_ms = kAbsent;  // the turn of its next play of this hour
  std::int64_t closes_utc_ms = kAbsent;
};

struct Standings {
  std::optional<HistoryPlay> previous;  // on the glass, or on its way there, before this slot
  std::vector<Standing> campaigns;      // in schedule order
};

}  // namespace vitrine
