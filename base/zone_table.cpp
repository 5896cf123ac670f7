#include "base/zone_table.hpp"

#include <algorithm>

#include "base/math.hpp"

namespace vitrine {

std::int32_t ZoneTable::offset_at(std::int64_t utc_s) const {
  const auto after = std::upper_bound(
      transitions.begin(), transitions.end(), utc_s,
      [](std::int64_t t, const ZoneTransition& entry) { return t < entry.from_utc; });
  if (after == transitions.begin()) return transitions.empty() ? 0 : transitions.front().offset_s;
  return std::prev(after)->offset_s;
}

LocalTime local_time(const ZoneTable& zone, std::int64_t utc_s) {
  const std::int64_t local = utc_s + zone.offset_at(utc_s);
  LocalTime result;
  result.day = floor_div(local, 86400);
  result.second = static_cast<std::int32_t>(local - result.day * 86400);
  const std::int64_t monday_based = result.day + 3;  // 1970-01-01 was a Thursday
  result.weekday = static_cast<int>(monday_based - floor_div(monday_based, 7) * 7);
  return result;
}

}  // namespace vitrine
