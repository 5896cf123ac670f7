// `billed_play`: one row for each stored row of `play`, with what it was worth and whether it is
// paid (docs/data-dictionary.md). Written by `vitrine bill`, day by day, and read by reports.
//
// Days of a run are replaced as a whole, so read it grouped by day and trust a day that stands in
// `bill_day`. To sum money, sum `amount_pico` of at most a day of a campaign in SQL and add the
// days up in a wider type: 64 bits of 10^-12 end at 9.2 million units of a currency.
#pragma once

#include <cstdint>
#include <string>

#include "backflow/sql_store.hpp"
#include "base/ids.hpp"
#include "protocol/bill.hpp"
#include "protocol/exposure.hpp"
#include "protocol/play.hpp"

namespace vitrine {

struct BilledPlay {
  ScreenId device;
  LogId log_id = 0;
  std::uint64_t seq = 0;

  PlayKind kind = PlayKind::play;
  std::int64_t day = 0;             // since 1970, the screen's, of the first flip; 0 = time unknown
  std::int64_t hour = kAbsent;      // 0..23, the screen's
  std::int64_t utc_us = kAbsent;    // of the first flip; of the planned start where none came
  std::int64_t error_us = kAbsent;  // utc_us is true to +-
  TimeQuality time_quality = TimeQuality::none;

  AreaId area = 0;  // 0: the registry does not have the screen
  CampaignId campaign = 0;
  FlightPhase flight_phase = FlightPhase::launch;
  CreativeId creative = 0;
  VariantId variant = 0;
  Arm arm = Arm::none;
  std::uint64_t schedule_version = 0;

  Reason cause = Reason::none;  // none = billable, else 40..49
  Grade grade = Grade::scheduled;
  std::int64_t play_ms = kAbsent;   // on the glass; absent: never shown
  std::int64_t received_at_us = 0;  // UTC, by the ingest

  std::int64_t imp_milli = kAbsent;         // thousandths of an impression, in its currency
  std::int64_t target_imp_milli = kAbsent;  // of the target groups among them
  std::int64_t observed = kAbsent;          // 1 observed, 0 modelled; absent: imp_milli is, too
  std::int64_t quality = kAbsent;           // of the exposure row (Quality); absent: none came
  std::int64_t method = kAbsent;            // Method
  std::int64_t coverage_permille = kAbsent;

  std::int64_t price_micro = kAbsent;  // 10^-6 of the currency a mille or a play; absent: no price
  std::int64_t amount_pico = 0;        // 10^-12 of the currency, exact; 0 unless billable
  std::string currency;                // ISO 4217; empty: no price

  bool closed = false;    // its day is closed: the row does not change any more
  bool restated = false;  // it came after its day was closed; an adjustment has its money
};

const SqlTable& billed_play_table();
// Of billed_play_table().
void add_to(SqlBlock& block, const BilledPlay& play);
// In the order of the table's columns, as `SELECT *` gives them.
SqlRow to_sql(const BilledPlay& play);
Result<BilledPlay> billed_play_of(const SqlRow& row);

}  // namespace vitrine
