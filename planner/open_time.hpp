// How long a campaign may play in an hour: flights, dayparts and contract days, by the local
// calendar. The rules are those of the device (a night belongs to the day it starts on).
#pragma once

#include <cstdint>

#include "protocol/schedule.hpp"

namespace vitrine::plan {

// Minutes 0..60 of local hour `hour` of `day` in which `campaign` may play.
int open_minutes(const Campaign& campaign, std::int64_t day, int hour);

}  // namespace vitrine::plan
