// Who took which figures out of the store, when, and what exactly they got: one JSON object a line,
// only ever appended, each with the SHA-256 of the line before it. A line that was changed or taken
// out in the middle no longer fits its neighbour.
//
//     {"at":"2026-12-01T08:00:00Z","before":"<64 hex digits, zero in the first line>",
//      "file":"...","rows":120,"scope":"campaign 41, 2026-11-01 to 2026-11-30","sha256":"...",
//      "what":"exposure","who":"anna (1000)"}
//
// Several processes may append at once (flock). An end that a power cut tore off is closed with a
// line end and stays as it is.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "platform/file.hpp"

namespace vitrine {

struct ExportRecord {
  std::int64_t at_s = 0;  // UTC
  std::string who;
  std::string what;
  std::string scope;
  std::string file;
  std::int64_t rows = 0;
  Hash256 sha256{};  // of the file
};

// On disk (fsync) when it returns.
Status append_export(const fs::path& log, const ExportRecord& record);

// How many lines there are; `corrupt` names the first that does not follow from the one before.
Result<std::size_t> check_export_log(const fs::path& log);

}  // namespace vitrine
