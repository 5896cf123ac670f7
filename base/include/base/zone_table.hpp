// A time zone as the pure rooms see it: a plain transition table, loaded once by platform/ with its
// tzdata version.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vitrine {

struct ZoneTransition {
  std::int64_t from_utc = 0;  // seconds since 1970; holds until the next entry
  std::int32_t offset_s = 0;  // local = utc + offset
};

struct ZoneTable {
  std::string name = "Etc/UTC";
  std::string tzdata;                       // database version, logged as an input
  std::vector<ZoneTransition> transitions;  // ascending; empty = UTC

  std::int32_t offset_at(std::int64_t utc_s) const;
};

struct LocalTime {
  std::int64_t day = 0;     // local calendar day, days since 1970
  std::int32_t second = 0;  // of that day
  int weekday = 0;          // 0 = Monday
  int hour_of_week() const { return weekday * 24 + second / 3600; }
};
LocalTime local_time(const ZoneTable& zone, std::int64_t utc_s);

}  // namespace vitrine
