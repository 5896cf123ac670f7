#include "screen_calendar.hpp"

#include <algorithm>

namespace vitrine::testing {
namespace {

constexpr int kMinutesADay = 1'440;

bool holds(const std::vector<std::int64_t>& days, std::int64_t day) {
  return std::count(days.begin(), days.end(), day) != 0;
}

bool begins_on(const Daypart& part, std::int64_t day) {
  if (holds(part.except_days, day)) return false;
  return holds(part.extra_days, day) || (part.weekdays & 1 << ScreenTime::weekday_of(day)) != 0;
}

}  // namespace

int ScreenTime::weekday_of(std::int64_t day) {
  return static_cast<int>((day + 3) % 7);  // 1970-01-01 was a Thursday
}

ScreenTime screen_time(const ZoneTable& zone, std::int64_t utc_s) {
  std::int64_t offset = zone.transitions.empty() ? 0 : zone.transitions.front().offset_s;
  for (const ZoneTransition& change : zone.transitions) {
    if (change.from_utc <= utc_s) offset = change.offset_s;
  }
  const std::int64_t minutes = (utc_s + offset) / 60;
  return {minutes / kMinutesADay, static_cast<int>(minutes % kMinutesADay)};
}

std::vector<std::int64_t> days_open(const std::vector<Daypart>& dayparts, const ScreenTime& now) {
  if (dayparts.empty()) return {now.day};
  std::vector<std::int64_t> days;
  for (const int days_ago : {0, 1}) {
    // Counted from the midnight before the part begins.
    const int minute = now.minute + days_ago * kMinutesADay;
    const bool open = std::any_of(dayparts.begin(), dayparts.end(), [&](const Daypart& part) {
      const bool overnight = part.until_minute <= part.from_minute;
      const int until = part.until_minute + (overnight ? kMinutesADay : 0);
      return begins_on(part, now.day - days_ago) && part.from_minute <= minute && minute < until;
    });
    if (open) days.push_back(now.day - days_ago);
  }
  return days;
}

}  // namespace vitrine::testing
