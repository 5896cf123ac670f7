#include "planner/network_files.hpp"

#include <bitset>

#include "csv.hpp"

namespace vitrine::plan {
namespace {

constexpr std::uint32_t kMostId = 0xffff'ffff;
constexpr std::uint32_t kWholeShare = 10000;

// "6-24"
Status read_hours(const Record& record, std::size_t field, PlannedScreen& screen) {
  const std::string_view text = record.text(field);
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return record.bad(field, "hours as 6-24");
  const Record both(0, {text.substr(0, dash), text.substr(dash + 1)});
  const auto from = both.number<std::uint16_t>(0, 0, 23);
  const auto until = both.number<std::uint16_t>(1, 1, 24);
  if (!from || !until || *from >= *until) return record.bad(field, "hours as 6-24");
  screen.from_hour = *from;
  screen.until_hour = *until;
  return ok();
}

Status read_profile_hour(const Record& record, std::map<AreaId, Profile>& profiles,
                         std::map<AreaId, std::bitset<kHoursOfWeek>>& seen) {
  const auto area = record.number<std::uint32_t>(0, 1, kMostId);
  if (!area) return std::move(area).error();
  const auto hour = record.number<std::uint32_t>(2, 0, kHoursOfWeek - 1);
  if (!hour) return std::move(hour).error();
  const auto footfall = record.number<std::uint32_t>(3, 0, kMostId);
  if (!footfall) return std::move(footfall).error();
  const auto dwell = record.number<std::uint32_t>(4, 0, kMostId);
  if (!dwell) return std::move(dwell).error();
  Profile& profile = profiles[*area];
  profile.area = *area;
  if (profile.zone.empty()) profile.zone = record.text(1);
  if (profile.zone.empty() || profile.zone != record.text(1)) {
    return record.bad(1, "one zone for the whole area");
  }
  auto& hours = seen[*area];
  if (hours[*hour]) return record.bad(2, "each hour once");
  hours[*hour] = true;
  ProfileHour& made = profile.hours[*hour];
  made.footfall = *footfall;
  made.dwell_ms = *dwell;
  std::uint32_t sum = 0;
  for (std::size_t group = 0; group < kGroups; ++group) {
    const auto share = record.number<std::uint16_t>(5 + group, 0, kWholeShare);
    if (!share) return std::move(share).error();
    made.share[group] = *share;
    sum += *share;
  }
  if (sum != kWholeShare) {
    return record.bad(5, "shares that sum to 10000, not " + std::to_string(sum) + ",");
  }
  return ok();
}

}  // namespace

Result<std::vector<PlannedScreen>> read_screens(std::string_view csv) {
  std::vector<PlannedScreen> screens;
  auto read =
      for_each_record(csv, "screen,area,zone,hours,slot_s", [&](const Record& record) -> Status {
        PlannedScreen screen;
        screen.screen = record.text(0);
        const auto area = record.number<std::uint32_t>(1, 1, kMostId);
        if (!area) return std::move(area).error();
        screen.area = *area;
        screen.zone = record.text(2);
        if (auto hours = read_hours(record, 3, screen); !hours) return hours;
        const auto slot = record.number<std::uint32_t>(4, 1, 3600);
        if (!slot) return std::move(slot).error();
        screen.slot_ms = *slot * 1000;
        screens.push_back(std::move(screen));
        return ok();
      });
  if (!read) return std::move(read).error();
  return screens;
}

Result<std::vector<Contract>> read_contracts(std::string_view csv) {
  std::vector<Contract> contracts;
  auto read = for_each_record(
      csv, "campaign,unit,goal,first_day,last_day", [&](const Record& record) -> Status {
        Contract contract;
        const auto campaign = record.number<std::uint32_t>(0, 1, kMostId);
        if (!campaign) return std::move(campaign).error();
        contract.campaign = *campaign;
        if (record.text(1) != "plays" && record.text(1) != "impressions") {
          return record.bad(1, "plays or impressions");
        }
        contract.unit = record.text(1) == "plays" ? GoalUnit::plays : GoalUnit::impressions;
        const auto goal = record.number<std::int64_t>(2, 0, 1'000'000'000'000);
        if (!goal) return std::move(goal).error();
        contract.goal = *goal;
        const auto first = record.day(3);
        if (!first) return std::move(first).error();
        const auto last = record.day(4);
        if (!last) return std::move(last).error();
        contract.first_day = *first;
        contract.last_day = *last;
        contracts.push_back(contract);
        return ok();
      });
  if (!read) return std::move(read).error();
  return contracts;
}

Result<std::vector<AreaArm>> read_arms(std::string_view csv) {
  std::vector<AreaArm> arms;
  auto read = for_each_record(csv, "campaign,area,arm", [&](const Record& record) -> Status {
    const auto campaign = record.number<std::uint32_t>(0, 1, kMostId);
    if (!campaign) return std::move(campaign).error();
    const auto area = record.number<std::uint32_t>(1, 1, kMostId);
    if (!area) return std::move(area).error();
    if (record.text(2) != "treated" && record.text(2) != "control") {
      return record.bad(2, "treated or control");
    }
    arms.push_back({*campaign, *area, record.text(2) == "treated" ? Arm::treated : Arm::control});
    return ok();
  });
  if (!read) return std::move(read).error();
  return arms;
}

Result<std::map<AreaId, Profile>> read_profiles(std::string_view csv) {
  std::map<AreaId, Profile> profiles;
  std::map<AreaId, std::bitset<kHoursOfWeek>> seen;
  auto read = for_each_record(
      csv, "area,zone,hour,footfall,dwell_ms,g0,g1,g2,g3,g4,g5,g6,g7,g8,g9",
      [&](const Record& record) { return read_profile_hour(record, profiles, seen); });
  if (!read) return std::move(read).error();
  for (const auto& [area, hours] : seen) {
    if (!hours.all()) {
      return fail(ErrorCode::invalid, "area " + std::to_string(area) +
                                          ": 168 hours expected, found " +
                                          std::to_string(hours.count()));
    }
  }
  return profiles;
}

Result<std::vector<Delivery>> read_deliveries(std::string_view csv) {
  constexpr std::string_view kPlays = "screen,campaign,day,plays";
  constexpr std::string_view kWithImpressions = "screen,campaign,day,plays,impressions";
  const bool longer = csv.starts_with(kWithImpressions);
  std::vector<Delivery> deliveries;
  auto read =
      for_each_record(csv, longer ? kWithImpressions : kPlays, [&](const Record& record) -> Status {
        Delivery delivery;
        delivery.screen = record.text(0);
        // 0: the screen reported and that day showed nothing that was sold.
        const auto campaign = record.number<std::uint32_t>(1, 0, kMostId);
        if (!campaign) return std::move(campaign).error();
        delivery.campaign = *campaign;
        const auto day = record.day(2);
        if (!day) return std::move(day).error();
        delivery.day = *day;
        const auto plays = record.number<std::int64_t>(3, 0, 1'000'000'000);
        if (!plays) return std::move(plays).error();
        delivery.plays = *plays;
        if (longer && !record.text(4).empty()) {
          const auto impressions = record.thousandths(4, 1'000'000'000'000);
          if (!impressions) return std::move(impressions).error();
          delivery.imp_milli = *impressions;
        }
        deliveries.push_back(std::move(delivery));
        return ok();
      });
  if (!read) return std::move(read).error();
  return deliveries;
}

}  // namespace vitrine::plan
