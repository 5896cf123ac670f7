// Loads one file of the online side into the store, in constant memory.
#pragma once

#include <functional>

#include "backflow/online_config.hpp"
#include "backflow/online_loader.hpp"

namespace vitrine {

struct OnlineFile {
  OnlineKind kind = OnlineKind::events;
  fs::path path;      // CSV, or NDJSON when its first character is '{'
  fs::path rejected;  // rows with faults; empty: <path>.rejected.csv. Made when there is one.
};

// `progress`, may be empty: bytes read and bytes in all, after each MiB.
// An error says what was stored before it; loading the same file again goes on from there, for what
// is stored is known by its key. A file that is refused (`invalid`) left nothing.
//
// The file of rejected rows is CSV: line, cause, column, row. `row` is the row as it stood, with an
// apostrophe before it where a spreadsheet would take it for a formula.
Result<OnlineCounts> load_online_file(
    SqlStore& store, const OnlineFile& file, const OnlineRules& rules,
    const std::function<void(std::int64_t, std::int64_t)>& progress);

}  // namespace vitrine
