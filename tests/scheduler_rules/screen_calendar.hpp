// What the wall clock beside the screen shows, and what is open then: reckoned from the zone's
// transition table alone, apart from the scheduler's own calendar, which it is held against.
#pragma once

#include <cstdint>
#include <vector>

#include "base/zone_table.hpp"
#include "protocol/schedule.hpp"

namespace vitrine::testing {

struct ScreenTime {
  std::int64_t day = 0;  // local calendar day, days since 1970
  int minute = 0;        // of that day
  int hour() const { return minute / 60; }
  int weekday() const { return weekday_of(day); }  // 0 = Monday
  int hour_of_week() const { return 24 * weekday() + hour(); }

  static int weekday_of(std::int64_t day);
};

// From 1970 on.
ScreenTime screen_time(const ZoneTable& zone, std::int64_t utc_s);

// The days on which a part that holds now has begun: today, yesterday (its night), both or none.
// Without dayparts: today.
std::vector<std::int64_t> days_open(const std::vector<Daypart>& dayparts, const ScreenTime& now);

}  // namespace vitrine::testing
