#include "open_time.hpp"

#include <algorithm>

#include "base/math.hpp"

namespace vitrine::plan {
namespace {

bool contains(const std::vector<std::int64_t>& days, std::int64_t day) {
  return std::find(days.begin(), days.end(), day) != days.end();
}

bool holds_on(const Daypart& part, std::int64_t day) {
  if (contains(part.except_days, day)) return false;
  if (contains(part.extra_days, day)) return true;
  const std::int64_t weekday = day + 3 - 7 * floor_div(day + 3, 7);  // 1970-01-01 was a Thursday
  return (part.weekdays >> weekday & 1) != 0;
}

bool in_flight(const Campaign& campaign, std::int64_t day) {
  return std::any_of(campaign.flights.begin(), campaign.flights.end(), [&](const Flight& flight) {
    return flight.first_day <= day && day <= flight.last_day;
  });
}

bool open_at(const Campaign& campaign, std::int64_t day, int minute, bool today, bool yesterday) {
  return std::any_of(campaign.dayparts.begin(), campaign.dayparts.end(), [&](const Daypart& part) {
    const bool overnight = part.until_minute <= part.from_minute;
    const bool before_end = minute < part.until_minute;
    const bool begun = minute >= part.from_minute;
    return (today && begun && (overnight || before_end) && holds_on(part, day)) ||
           (yesterday && overnight && before_end && holds_on(part, day - 1));
  });
}

}  // namespace

int open_minutes(const Campaign& campaign, std::int64_t day, int hour) {
  const bool today = in_flight(campaign, day);
  const bool yesterday = in_flight(campaign, day - 1);
  if (campaign.dayparts.empty()) return today ? 60 : 0;
  if (!today && !yesterday) return 0;
  int open = 0;
  for (int minute = hour * 60; minute < hour * 60 + 60; ++minute) {
    if (open_at(campaign, day, minute, today, yesterday)) ++open;
  }
  return open;
}

}  // namespace vitrine::plan
