// `vitrine camera audit`, on the screen: what a technician counted by hand beside what the screen
// counted in the same minutes. It tells the screen's factor with an interval and a date; nothing is
// ever multiplied by it.
#pragma once

#include <string>
#include <vector>

#include "base/zone_table.hpp"
#include "operator/count_ratio.hpp"
#include "platform/clock.hpp"
#include "state/exposure_log.hpp"
#include "state/paths.hpp"

namespace vitrine::op {

struct CameraAuditOptions {
  StatePaths paths;
  std::string from;      // by the screen's clocks; empty: when a count could begin is told
  int minutes = 15;      // 5..120
  std::int64_t in = -1;  // counted by hand; -1 = not said
  std::int64_t out = -1;
  fs::path times;  // instead of the two: a file, "HH:MM:SS in" or "HH:MM:SS out" a line
  std::string by;  // who counted
};

struct HandCrossing {
  std::int64_t utc_ms = 0;
  int direction = 0;  // +1 in, -1 out
};
// The lines of `times`, each on the day of `from_utc_ms` or, where that is before it, on the next.
// '#' begins a comment. Errors name the line.
Result<std::vector<HandCrossing>> parse_hand_count(const std::string& text,
                                                   std::int64_t from_utc_ms, const ZoneTable& zone);

struct CameraAudit {
  std::int64_t from_utc_ms = 0;  // of the whole minutes compared
  std::int64_t minutes = 0;
  std::int64_t hand_in = 0, hand_out = 0, screen_in = 0, screen_out = 0;
  std::int64_t coverage_permille = 0;  // of these minutes
  Quality quality = Quality::none;
  Method method = Method::none;
};
// What the screen's rows say of [from, until): whole minutes inside it, of one boot. `rows` are
// flow rows in the order of the log; `boot` and UTC less CLOCK_BOOTTIME date them. Errors, one
// line: minutes that are not written yet or are gone, a camera that was blind for more than a
// tenth.
Result<CameraAudit> screen_counts(const std::vector<FlowRow>& rows, BootId boot,
                                  std::int64_t utc_minus_boottime_us, std::int64_t from_utc_ms,
                                  std::int64_t until_utc_ms);

// Does the whole: reads, compares, writes camera/audits/<UTC> and a note, tells the report.
Result<std::string> camera_audit(const CameraAuditOptions& options, const Clock& clock);

}  // namespace vitrine::op
