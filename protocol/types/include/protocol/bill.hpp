// Whether a play is paid (docs/contracts.md, "Billing"): pure, so that simulation, ingest, report
// and whoever doubts a statement get the same answer from the same row.
#pragma once

#include "base/zone_table.hpp"
#include "protocol/play.hpp"

namespace vitrine {

// What is known of the wall time of a play's first flip, from the fixes of its boot.
enum class TimeQuality {
  none,           // no fix: utc_us says nothing
  held,           // the screen's own clock, kept over a pause
  within_minute,  // error_us <= 60 s
  within_second   // error_us <= 1 s
};
struct WallTime {
  std::int64_t utc_us = 0;    // since 1970
  std::int64_t error_us = 0;  // true to +-, >= 0
  TimeQuality quality = TimeQuality::none;
};

// The play's campaign and creative as the archived schedule of the row's version has them; nullptr
// = it has none of that id.
struct BillTerms {
  const Campaign* campaign = nullptr;
  const Creative* creative = nullptr;
};

struct BillKnown {
  const ZoneTable& zone;             // the screen's; must outlive the call
  std::int64_t cutoff_us = kAbsent;  // UTC; what is received later is not paid; absent = no end
  bool duplicate = false;            // another row has this play's key
};

// `received_at_us`: UTC. The first test that fails, in the order of the causes' numbers, names the
// cause; Reason::none is paid. The contract's tests (verdict, hash, flight, clock, quality) are put
// to plays and leases only: house loops and takeovers have no contract, and fail by their kind.
Reason bill(const PlayRow& row, const WallTime& wall, const BillTerms& terms,
            std::int64_t received_at_us, const BillKnown& known);

}  // namespace vitrine
