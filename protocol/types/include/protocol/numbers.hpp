// The numbers document: what the planner's solution means for one screen, in integers
// (docs/contracts.md, "Numbers"). Signed by the backend and bounded by the schedule it names.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"

namespace vitrine {

enum class Arm { none, treated, control };

struct CreativeShare {
  CreativeId creative = 0;
  std::uint32_t weight = 0;  // per campaign they sum to 10000, each approved creative at least 500
};

struct CampaignNumbers {
  CampaignId campaign = 0;
  std::int64_t first_day = 0;             // local day of goal_milli[0], days since 1970
  std::vector<std::uint32_t> goal_milli;  // plays x 1000 for each local day
  std::int64_t price = 0;   // in target impressions x 1000, the unit of target_imp_milli
  std::uint16_t phase = 0;  // 0..999
  Arm arm = Arm::none;
  std::vector<CreativeShare> creative_weight;
};

struct Numbers {
  std::uint64_t schedule_version = 0;
  Hash256 schedule_sha256{};  // of the schedule's payload
  std::vector<CampaignNumbers> campaigns;
};

}  // namespace vitrine
