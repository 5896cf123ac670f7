// What came, or came to be known, after a day was closed: lines with the difference it makes, never
// a change of the closed row (docs/contracts.md, "Close"). A line belongs to the first statement of
// its campaign that is not issued yet.
#pragma once

#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "backflow/billed_play.hpp"

namespace vitrine::billing {

using PlayKey = std::tuple<ScreenId, std::int64_t, std::int64_t>;  // device, log_id, seq
PlayKey key_of(const BilledPlay& play);

// What the statements say of a play so far.
struct SettledPlay {
  std::int64_t day = 0;
  Reason cause = Reason::none;
  std::int64_t imp_milli = kAbsent;
  std::int64_t amount_pico = 0;
  auto operator<=>(const SettledPlay&) const = default;
};
SettledPlay settled(const BilledPlay& play);

struct Adjustment {
  PlayKey key;
  std::int64_t n = 1;  // the n-th of its play
  CampaignId campaign = 0;
  std::int64_t month = 0;             // of the statement it stands in: 12 x year + month - 1
  std::optional<SettledPlay> before;  // absent: the play was not there
  SettledPlay after;
  std::int64_t price_micro = kAbsent;  // that held when its day was closed
  std::string currency;
  std::int64_t noted_at_us = 0;  // UTC

  std::int64_t amount_pico() const {
    return after.amount_pico - (before ? before->amount_pico : 0);
  }
};

const SqlTable& adjustment_table();  // bill_adjustment
SqlRow to_sql(const Adjustment& adjustment);
Result<Adjustment> adjustment_of(const SqlRow& row);

// The last of each play. All of them: they are few, and a play that moved to another day must be
// known there.
Result<std::map<PlayKey, Adjustment>> last_adjustments(SqlStore& store);

}  // namespace vitrine::billing
