#include "protocol/daypart.hpp"

#include <algorithm>

#include "base/math.hpp"

namespace vitrine {
namespace {

bool contains(const std::vector<std::int64_t>& days, std::int64_t day) {
  return std::find(days.begin(), days.end(), day) != days.end();
}

}  // namespace

// 1970-01-01 was a Thursday: day 0 has weekday 3 counted from Monday.
std::int64_t weekday_of(std::int64_t day) {
  return day + 3 - 7 * floor_div(day + 3, 7);
}

bool holds_on(const Daypart& part, std::int64_t day) {
  if (contains(part.except_days, day)) return false;
  if (contains(part.extra_days, day)) return true;
  return (part.weekdays >> weekday_of(day) & 1) != 0;
}

std::vector<std::int64_t> daypart_days(const std::vector<Daypart>& dayparts,
                                       const LocalTime& local) {
  if (dayparts.empty()) return {local.day};
  bool today = false;
  bool yesterday = false;
  const std::int32_t minute = local.second / 60;
  for (const Daypart& part : dayparts) {
    const bool overnight = part.until_minute <= part.from_minute;
    const bool begun = minute >= part.from_minute;
    const bool before_end = minute < part.until_minute;
    today = today || (begun && (overnight || before_end) && holds_on(part, local.day));
    yesterday = yesterday || (overnight && before_end && holds_on(part, local.day - 1));
  }
  std::vector<std::int64_t> days;
  if (yesterday) days.push_back(local.day - 1);
  if (today) days.push_back(local.day);
  return days;
}

}  // namespace vitrine
