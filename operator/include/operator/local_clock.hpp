// Local times as people write and read them.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "base/zone_table.hpp"

namespace vitrine::op {

// "2026-11-24 14:03" or with ":10", by the zone's clocks; "2026-11-24T13:03:10Z" is UTC. Of a time
// that the clocks show twice the first; one that they skip is refused. Milliseconds since 1970.
Result<std::int64_t> parse_moment(const std::string& text, const ZoneTable& zone);

// The first second of a local day, in seconds UTC.
std::int64_t begin_of_day(const ZoneTable& zone, std::int64_t day);

std::string date_text(std::int64_t day);                              // "2026-11-24"
std::string clock_text(const ZoneTable& zone, std::int64_t utc_ms);   // "14:03:10"
std::string moment_text(const ZoneTable& zone, std::int64_t utc_ms);  // "2026-11-24 14:03:10"
std::string minute_text(int minute);                                  // of the day: "08:30"

}  // namespace vitrine::op
