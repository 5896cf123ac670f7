// When a campaign may play: dayparts and flight days, by the local calendar of the screen.
#pragma once

#include <vector>

#include "base/zone_table.hpp"
#include "protocol/daypart.hpp"
#include "protocol/schedule.hpp"

namespace vitrine {

inline constexpr std::int32_t kSecondsOfMinute = 60;

// The moment a slot begins, as far as the clock can be trusted to know it.
struct Moment {
  bool known = false;  // false: no trusted clock, the rest is meaningless
  LocalTime local;
  std::int64_t utc_ms = 0;
  // 0 while the clock is unknown; plays of such times are tallied on day 0.
  std::int64_t day() const { return known ? local.day : 0; }
  std::int32_t hour() const { return local.second / 3'600; }
};

// The first flight that holds one of `days`; an overnight daypart belongs to the day it started on,
// so after midnight of a flight's last day its night still belongs to it. nullptr: none.
const Flight* flight_in_force(const std::vector<Flight>& flights,
                              const std::vector<std::int64_t>& days);

// Flights written from 1970-01-01 to 9999-12-31 have no date: they may play before any clock is
// trusted.
bool is_undated(const Flight& flight);
const Flight* undated_flight(
    const Campaign& campaign);  // nullptr when anything about the campaign needs a calendar

}  // namespace vitrine
