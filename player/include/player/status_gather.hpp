// What the status picture tells, read from the files of state/ where the daemons meet. The player
// itself has no network: what it knows of the link telemetry has told.
#pragma once

#include "base/zone_table.hpp"
#include "platform/clock.hpp"
#include "player/status_facts.hpp"
#include "state/paths.hpp"

namespace vitrine {

// The board's own serial number where its firmware tells one, else what stands for it: twelve hex
// digits made from the machine id, which itself is nobody's to see. "unknown" without either.
std::string board_id(const fs::path& root = "/");

// A handful of small files; what is missing or too old counts as not known. Blocks as long as they
// take to read: not for the presenting thread.
StatusFacts gather_status(const Clock& clock, const StatePaths& paths, const ZoneTable& zone,
                          const std::string& board);

}  // namespace vitrine
