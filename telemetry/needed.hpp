// In which order the creatives of a schedule are fetched.
#pragma once

#include <map>
#include <optional>

#include "base/bytes.hpp"
#include "protocol/schedule.hpp"

namespace vitrine {

// For each content the days until it is first needed, seen from the local day `today`: 0 for what
// the house loop, the sync cycle, the layout or a flight of today needs, and for all of it while no
// day is known. What only flights of the past name is needed last.
std::map<Hash256, std::int64_t> days_until_needed(const Schedule& schedule,
                                                  std::optional<std::int64_t> today);

}  // namespace vitrine
