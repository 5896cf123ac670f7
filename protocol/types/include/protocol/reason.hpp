// Why something happened: one list for scheduler, play log, billing causes and shortfalls. The
// numbers are part of stored rows: never renumber, never reuse, add at the end of a block.
// docs/contracts.md holds the same table in words.
#pragma once

#include <cstdint>
#include <string_view>

namespace vitrine {

enum class Reason : std::uint16_t {
  none = 0,
  // why this one was chosen
  quota_due = 1,   // behind its cumulative quota
  weight_due = 2,  // no numbers: most behind its weight
  house_fill = 3,  // nobody else was allowed
  takeover = 4,
  sync_cycle = 5,
  experiment_fill = 6,  // control arm: a ghost was logged and this took the slot
  live_boost = 7,       // the observed audience moved it within its bounds
  // why another was not
  outside_flight = 20,
  outside_daypart = 21,
  separation = 22,
  hourly_cap = 23,
  daily_cap = 24,
  competitor = 25,
  content_absent = 26,
  content_rejected = 27,
  quarantined = 28,
  quota_met = 29,
  clock_untrusted = 30,
  just_shown = 31,
  paced = 32,     // more plays are due today, but its next turn has not come
  position = 33,  // first or last among paid plays, here it would be neither
  // why a play does not bill, in the order in which they are tried
  bill_grade = 40,
  bill_dark = 41,
  bill_verdict = 42,
  bill_hash = 43,
  bill_flight = 44,
  bill_clock = 45,
  bill_quality = 46,
  bill_kind = 47,
  bill_cutoff = 48,
  bill_duplicate = 49,
};

// The word used in logs, reports and the documentation, e.g. "weight-due".
std::string_view name_of(Reason reason);

}  // namespace vitrine
