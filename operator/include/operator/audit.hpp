// `vitrine audit`: every decision of a day on record, made once more.
#pragma once

#include <string>
#include <vector>

#include "operator/screen_state.hpp"

namespace vitrine::op {

struct AuditOptions {
  fs::path state;        // the screen's state directory, or a copy of it
  fs::path registry;     // holds the proof key's public half; empty = the state directory's own
  ArchivePlace archive;  // for documents that the screen has pruned
  std::string day;       // local, YYYY-MM-DD
};

struct Audit {
  ScreenId screen;
  std::string zone;
  LogId log_id = 0;
  std::int64_t day = 0;
  std::size_t rows = 0;       // in the log
  std::size_t decisions = 0;  // of the day; one made without a clock belongs to the day before it
  std::size_t same = 0;
  std::size_t other = 0;              // made again, and different
  std::size_t lost = 0;               // not to be made again
  std::vector<std::string> findings;  // one line for each of the two
  std::vector<std::string> faults;    // of the record: chain, signatures, input rows of the day
  std::vector<std::string> notes;     // what could not be checked, or is of no weight for the day
  std::size_t signatures = 0;         // of rows, that were checked

  bool passed() const { return other == 0 && lost == 0 && faults.empty(); }
};

// Reads the whole log and replays it from its beginning; the error: why there is nothing to audit.
Result<Audit> audit(const AuditOptions& options);

std::string audit_text(const Audit& audit);
std::string audit_json(const Audit& audit);

}  // namespace vitrine::op
