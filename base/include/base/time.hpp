// Time arithmetic. Rows carry (boot id, microseconds of CLOCK_BOOTTIME); wall time is derived from
// fixes and never part of a key. All in int64 because armhf has a 32-bit time_t.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace vitrine {

using Micros = std::int64_t;

inline constexpr Micros kMillisecond = 1000;
inline constexpr Micros kSecond = 1000 * kMillisecond;
inline constexpr Micros kMinute = 60 * kSecond;
inline constexpr Micros kHour = 60 * kMinute;
inline constexpr Micros kDay = 24 * kHour;

// Days since 1970-01-01 of a proleptic Gregorian date, and back (Hinnant, "chrono-compatible
// low-level date algorithms").
struct CivilDate {
  int year = 1970;
  int month = 1;  // 1..12
  int day = 1;    // 1..31
  bool operator==(const CivilDate&) const = default;
};
std::int64_t days_from_civil(CivilDate date);
CivilDate civil_from_days(std::int64_t days);

// "2026-11-21" -> days since the epoch. Refuses dates that do not exist.
Result<std::int64_t> parse_date(const std::string& text);
// "2026-11-21T08:00:00Z" for logs and documents, from seconds since the epoch.
std::string format_utc(std::int64_t unix_seconds);

}  // namespace vitrine
