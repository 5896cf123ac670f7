// Ties scans to the plays they were made from. Which play a scan belongs to depends on the scan and
// on the plays that arrived within 30 days of it, never on the order in which they came: it is
// found anew at every run over all days until those are over.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "backflow/online_rows.hpp"
#include "base/time.hpp"
#include "platform/file.hpp"

namespace vitrine {

// A scan waits so long for its play; then it is `no_play`.
inline constexpr Micros kScanWaits = 30 * kDay;
// By how much a screen's trusted clock, which dates its token, may be off.
inline constexpr Micros kScreenClockError = kMinute;

struct ShownPlay {
  std::string device;
  std::int64_t log_id = 0, seq = 0;
  std::int64_t creative = 0, campaign = 0;
  std::int64_t begin_us = 0;  // UTC of the first flip
  std::int64_t error_us = 0;
  MaybeInteger area, arm;
  std::int64_t received_us = 0;
};

// Pure: sets state, cause and what comes of the play in every scan. Of several plays of the
// creative that may have begun within the token's five minutes, the last one before the scan.
void tie_scans(std::span<Scan> scans, std::span<const ShownPlay> plays, std::int64_t now_us);

struct ScanFigures {
  std::int64_t pending = 0, tied = 0, rejected = 0;
  std::int64_t all() const { return pending + tied + rejected; }
};
struct TieReport {
  std::map<std::string, ScanFigures> by_landing;  // of the days that were looked at
  std::int64_t days = 0;
  std::int64_t new_scans = 0;                   // not in the store before
  std::int64_t unreadable = 0;                  // lines of the journal
  std::map<std::string, std::int64_t> refused;  // tokens by cause, of the days looked at
  std::string text() const;
};

// As long as a scan waits, and a day for its zone.
inline constexpr std::int64_t kTiedDays = 31;

// Takes what is new from the journal into `scan` and `scan_refused` and ties the scans of the last
// `days` against `billed_play`. Again: the same. Fewer than kTiedDays cost less and are right for
// what is fresh; a run over all of them brings in what came late.
Result<TieReport> tie_stored_scans(SqlStore& store, const fs::path& journal, std::int64_t now_us,
                                   std::int64_t days = kTiedDays);

}  // namespace vitrine
