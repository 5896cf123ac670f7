// A campaign's month as text that can be hashed: canonical JSON from closed rows and adjustments
// alone, so that it is the same wherever and whenever it is made.
#pragma once

#include "billing/day_books.hpp"
#include "billing/money.hpp"

namespace vitrine::billing {

struct MonthDays {
  std::int64_t first = 0, last = 0;  // inclusive
};
MonthDays days_of(std::int64_t month);

// Refused while a day of the month is open or may still get rows of a first receipt, naming when it
// closes; and where a campaign was paid in two currencies.
Result<std::string> statement_json(SqlStore& store, CampaignId campaign, std::int64_t month,
                                   std::int64_t now_utc_us);

}  // namespace vitrine::billing
