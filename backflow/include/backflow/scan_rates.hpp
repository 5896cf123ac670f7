// How many of those who could scan a code did, by where the code led.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "backflow/sql_store.hpp"

namespace vitrine {

struct ScanRate {
  std::string landing;  // product, follow, coupon, store, none
  std::int64_t campaign = 0;
  std::int64_t scans = 0;  // pending ones too
  std::int64_t tied = 0;
  std::int64_t plays = 0;  // of the campaign, on the glass, in the same days

  // Tied scans a thousand plays, in thousandths, cut off; absent without plays.
  std::optional<std::int64_t> per_mille_milli() const;
};

// Days as `scan` and `billed_play` have them, both inclusive; by landing, then campaign. A campaign
// without a scan is not in it: the store does not know that it has a code.
Result<std::vector<ScanRate>> scan_rates(SqlStore& store, std::int64_t first_day,
                                         std::int64_t last_day);
// A table for a person.
std::string scan_rates_text(const std::vector<ScanRate>& rates);

}  // namespace vitrine
