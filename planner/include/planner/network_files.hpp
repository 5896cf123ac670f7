// The tables of a network folder (docs/planner.md): CSV with a fixed first line, no quotes, no
// spaces around commas, LF or CRLF. An error names the line and what was expected there.
#pragma once

#include <optional>
#include <string_view>

#include "planner/network.hpp"

namespace vitrine::plan {

// screen,area,zone,hours,slot_s          lobby-1,7,Europe/Berlin,6-24,15
Result<std::vector<PlannedScreen>> read_screens(std::string_view csv);
// campaign,unit,goal,first_day,last_day  41,plays,1000,2026-11-23,2026-11-29
Result<std::vector<Contract>> read_contracts(std::string_view csv);
// campaign,area,arm                      41,7,treated
Result<std::vector<AreaArm>> read_arms(std::string_view csv);
// area,zone,hour,footfall,dwell_ms,g0,g1,g2,g3,g4,g5,g6,g7,g8,g9
// 168 lines an area, hour 0 = Monday 00:00; shares sum to 10000.
Result<std::map<AreaId, Profile>> read_profiles(std::string_view csv);

// What was played: screen,campaign,day,plays, and where it is known with how many target
// impressions of the campaign's currency. Ghosts of a control arm count.
struct Delivery {
  ScreenId screen;
  CampaignId campaign = 0;
  std::int64_t day = 0;
  std::int64_t plays = 0;
  std::optional<std::int64_t> imp_milli = std::nullopt;  // x 1000
};
// screen,campaign,day,plays              lobby-1,41,2026-11-23,12
// screen,campaign,day,plays,impressions  lobby-1,41,2026-11-23,12,30.125
// Impressions have up to three decimals; empty: not known.
Result<std::vector<Delivery>> read_deliveries(std::string_view csv);

}  // namespace vitrine::plan
