// What reports and exports ask the store. Each question is SQL that both engines answer, as text
// of its own, so that a bench can time what a report does; and a function that reads the answer.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "backflow/area_day.hpp"
#include "backflow/chain.hpp"
#include "backflow/exposure_table.hpp"
#include "backflow/play_report.hpp"
#include "backflow/sql_store.hpp"

namespace vitrine {

// Which plays: of a campaign, of a screen, or all; and of which days. Plays of no known day
// (day 0) belong to a scope without days.
struct ReportScope {
  CampaignId campaign = 0;                               // 0: every one
  ScreenId screen;                                       // empty: every one
  std::int64_t first_day = kAbsent, last_day = kAbsent;  // both inclusive
};

// Group by area, day, hour, creative and method of what was shown: one pass over the plays.
std::string exposure_sql(const ReportScope& scope, ExposureGrain grain);
Status read_exposure(SqlStore& store, const ReportScope& scope, ExposureGrain grain,
                     const std::function<void(const ExposureSum&)>& take);

// Everything that a report of plays needs, in one pass.
std::string play_report_sql(const ReportScope& scope);
Result<PlayReport> read_play_report(SqlStore& store, const ReportScope& scope);

Result<std::vector<AreaDayPlays>> read_area_day_plays(SqlStore& store, const ReportScope& scope);
// All online events by area and day, of campaign 0; of one brand, or (empty) of all.
Result<std::vector<AreaDayEvents>> read_area_day_events(SqlStore& store, const ReportScope& scope,
                                                        const std::string& brand);

// What a report of scans needs, so that most of them are only counted, by the store: a line of
// counts, an event and a scan that is named are each some hundred bytes.
struct ChainInput {
  // The scope's scans, with the hour of their plays.
  std::vector<ScanCount> counts;
  // Tied scans of the scope's days, of every campaign and screen, that an event names.
  std::vector<ChainScan> scans;
  // Every event that may have come of a scan: each that names one or a coupon, and whatever belongs
  // to the orders of these.
  std::vector<OnlineEvent> events;
};
Result<ChainInput> read_chain_input(SqlStore& store, const ReportScope& scope);

// Campaigns with stored plays of theirs, ascending.
Result<std::vector<CampaignId>> campaigns_in(SqlStore& store);

}  // namespace vitrine
