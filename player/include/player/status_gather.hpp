// What the status picture tells, read from the files of state/ where the daemons meet. The player
// itself has no network: what it knows of the link telemetry has told.
#pragma once

#include "base/zone_table.hpp"
#include "platform/clock.hpp"
#include "player/status_facts.hpp"
#include "state/board.hpp"
#include "state/paths.hpp"

namespace vitrine {

// A handful of small files; what is missing or too old counts as not known. Blocks as long as they
// take to read: not for the presenting thread.
StatusFacts gather_status(const Clock& clock, const StatePaths& paths, const ZoneTable& zone,
                          const std::string& board);

}  // namespace vitrine
