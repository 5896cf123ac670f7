// When a list of dayparts holds, by the local calendar of the screen.
#pragma once

#include <cstdint>
#include <vector>

#include "base/zone_table.hpp"
#include "protocol/schedule.hpp"

namespace vitrine {

// 0 = Monday.
std::int64_t weekday_of(std::int64_t day);

// Whether a daypart begins on that local day.
bool holds_on(const Daypart& part, std::int64_t day);

// The days whose dayparts hold at `local`: today, yesterday (its overnight part), both or none.
// Without dayparts: today.
std::vector<std::int64_t> daypart_days(const std::vector<Daypart>& dayparts,
                                       const LocalTime& local);

}  // namespace vitrine
