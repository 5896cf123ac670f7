// The hours of a local calendar day as spans of UTC, and when in them a campaign may play. On days
// with a change of the clocks an hour may be missing, longer, or there twice: its spans say so.
#pragma once

#include <cstdint>
#include <vector>

#include "base/zone_table.hpp"
#include "protocol/schedule.hpp"

namespace vitrine {

inline constexpr int kHoursOfDay = 24;

// Half-open, seconds since 1970 UTC.
struct UtcSpan {
  std::int64_t from = 0;
  std::int64_t until = 0;
};

// In order, apart from one another.
using UtcSpans = std::vector<UtcSpan>;

std::int64_t seconds_in(const UtcSpans& spans);
// Of the spans' own time, what lies before `utc_s`.
std::int64_t seconds_before(const UtcSpans& spans, std::int64_t utc_s);

// What lies in both.
UtcSpans common(const UtcSpans& a, const UtcSpans& b);

// All of hour 0..23 of a local day; empty when the clocks skip it, longer than 3600 s when they
// repeat it.
UtcSpans hour_spans(const ZoneTable& zone, std::int64_t day, int hour);

// The part of that hour in which `dayparts` hold for a flight of [first_day, last_day]. A part over
// midnight belongs to the day it starts on, so its morning is asked of the day before. Without
// dayparts: the whole hour, if the flight holds on the day.
UtcSpans open_spans(const ZoneTable& zone, std::int64_t day, int hour,
                    const std::vector<Daypart>& dayparts, std::int64_t first_day,
                    std::int64_t last_day);

}  // namespace vitrine
