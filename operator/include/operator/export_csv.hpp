// Billed plays and statements as CSV (RFC 4180, a header line, \n ends a line). No field holds a
// comma or a quote: names are [a-z0-9-], the rest is figures and words of ours.
#pragma once

#include <functional>
#include <string>

#include "backflow/billing.hpp"
#include "base/math.hpp"

namespace vitrine::op {

struct ExportScope {
  CampaignId campaign = 0;           // 0: all
  std::int64_t first_day = kAbsent;  // since 1970; absent: from the first
  std::int64_t last_day = kAbsent;
};

// The columns of billed_play; absent is empty. `put` gets the head, then a row at a time.
Status export_plays(const BillingConfig& config, const ExportScope& scope,
                    const std::function<Status(std::string_view)>& put);

// One line a day, then one an adjustment, then the total.
Result<std::string> statement_csv(const BillStatement& statement);

}  // namespace vitrine::op
