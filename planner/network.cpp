#include "planner/network.hpp"

#include <set>
#include <utility>

#include "base/math.hpp"

namespace vitrine::plan {
namespace {

constexpr std::uint32_t kHourMs = 3'600'000;

std::string number(std::uint64_t value) {
  return std::to_string(value);
}

Status check_screens(const Network& network) {
  std::set<ScreenId> seen;
  for (const PlannedScreen& screen : network.screens) {
    const auto named = "screen " + screen.screen + ": ";
    if (!is_valid_name(screen.screen)) {
      return fail(ErrorCode::invalid,
                  "screen '" + screen.screen + "' is no name (1 to 64 of a-z, 0-9 and -)");
    }
    if (!seen.insert(screen.screen).second) return fail(ErrorCode::conflict, named + "twice");
    if (!network.profiles.contains(screen.area)) {
      return fail(ErrorCode::not_found, named + "area " + number(screen.area) + " has no profile");
    }
    if (network.profiles.at(screen.area).zone != screen.zone) {
      return fail(ErrorCode::invalid, named + "it is in " + screen.zone + ", the profile of area " +
                                          number(screen.area) + " in " +
                                          network.profiles.at(screen.area).zone);
    }
    if (screen.from_hour >= screen.until_hour || screen.until_hour > 24) {
      return fail(ErrorCode::invalid, named + "hours " + number(screen.from_hour) + "-" +
                                          number(screen.until_hour) + " are no part of a day");
    }
    if (screen.slot_ms < 1000 || screen.slot_ms > kHourMs) {
      return fail(ErrorCode::invalid, named + "a slot of " + number(screen.slot_ms) +
                                          " ms is not within 1000 to 3600000");
    }
  }
  return ok();
}

Status check_contracts(const Network& network) {
  std::set<CampaignId> seen;
  for (const Contract& contract : network.contracts) {
    const auto named = "contract of campaign " + number(contract.campaign) + ": ";
    const Campaign* campaign = network.schedule.campaign(contract.campaign);
    if (campaign == nullptr) {
      return fail(ErrorCode::not_found, named + "the schedule has no such campaign");
    }
    if (campaign->klass == CampaignClass::house) {
      return fail(ErrorCode::invalid, named + "a house campaign is sold to nobody");
    }
    if (!seen.insert(contract.campaign).second) return fail(ErrorCode::conflict, named + "twice");
    // Sums in thousandths, and in thousand millionths of a play, stay within 63 bits.
    if (contract.goal < 0 || contract.goal > 1'000'000'000'000) {
      return fail(ErrorCode::invalid, named + "a goal of " + std::to_string(contract.goal) +
                                          " is not within 0 to 10^12");
    }
    if (contract.first_day > contract.last_day) {
      return fail(ErrorCode::invalid, named + "it ends before it begins");
    }
  }
  std::set<std::pair<CampaignId, AreaId>> assigned;
  for (const AreaArm& entry : network.arms) {
    if (!assigned.emplace(entry.campaign, entry.area).second) {
      return fail(ErrorCode::conflict, "arms: campaign " + number(entry.campaign) + " in area " +
                                           number(entry.area) + " is there twice");
    }
  }
  return ok();
}

}  // namespace

Status check(const Network& network) {
  if (auto fine = check_screens(network); !fine) return fine;
  return check_contracts(network);
}

void keep_day(Network& network, std::int64_t day) {
  for (Contract& contract : network.contracts) {
    const std::int64_t days = contract.last_day - contract.first_day + 1;
    const std::int64_t before = day - contract.first_day;
    const bool within = before >= 0 && before < days;
    contract.goal =
        within ? mul_div(contract.goal, before + 1, days) - mul_div(contract.goal, before, days)
               : 0;
  }
}

}  // namespace vitrine::plan
