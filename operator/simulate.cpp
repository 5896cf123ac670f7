#include "operator/simulate.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "operator/local_clock.hpp"
#include "platform/time_zone.hpp"
#include "protocol/impressions.hpp"
#include "protocol/quota.hpp"
#include "scheduler/simulate.hpp"

namespace vitrine::op {
namespace {

constexpr std::int64_t kDay_s = 86'400;

std::int64_t magnitude(std::int64_t value) {
  return value < 0 ? -value : value;
}

// Hours of the day in which a daypart begins or ends: no even pace can be told in them.
std::set<int> broken_hours(const Campaign& campaign) {
  std::set<int> hours;
  for (const Daypart& part : campaign.dayparts) {
    if (part.from_minute % 60 != 0) hours.insert(part.from_minute / 60);
    if (part.until_minute % 60 != 0) hours.insert(part.until_minute / 60);
  }
  return hours;
}

// How even a campaign's plays lie within one hour.
struct HourPace {
  std::vector<std::int64_t> starts_ms;  // of lit time since the hour began

  // The most that plays so far differed from their even share, in plays x 1000.
  std::int64_t most_uneven_milli(std::int64_t lit_ms) const {
    const auto plays = static_cast<std::int64_t>(starts_ms.size());
    std::int64_t most = 0;
    for (std::int64_t had = 0; had < plays; ++had) {
      const std::int64_t share = 1'000 * plays * starts_ms[static_cast<std::size_t>(had)] /
                                 std::max<std::int64_t>(lit_ms, 1);
      most = std::max({most, magnitude(1'000 * had - share), magnitude(1'000 * (had + 1) - share)});
    }
    return most;
  }
};

// Sums of one simulation, campaign by campaign.
class Account {
 public:
  Account(const Documents& documents, std::int64_t first_day)
      : documents_(documents), first_day_(first_day) {
    for (const Campaign& campaign : documents.schedule->campaigns) {
      index_[campaign.id] = sums_.campaigns.size();
      broken_.push_back(broken_hours(campaign));
      sums_.campaigns.push_back({campaign.id, campaign.label});
    }
    index_[0] = sums_.campaigns.size();
    broken_.emplace_back();
    sums_.campaigns.push_back({0, "house loop"});
    pace_.resize(sums_.campaigns.size());
    if (documents.numbers == nullptr) return;
    for (const CampaignNumbers& numbers : documents.numbers->campaigns) {
      const auto found = index_.find(numbers.campaign);
      if (found != index_.end()) sums_.campaigns[found->second].most_uneven_milli = 0;
    }
  }

  // Before add(), while the screen can say why. Asked anew each hour: the reasons change.
  bool asks_why(const SimulatedSlot& slot) const {
    if (slot.dark || slot.decision.playable) return false;
    return !goes_on(slot) || slot.local_hour != hour_;
  }
  void idle_because(const SimulatedSlot& slot, std::string why) {
    if (goes_on(slot) && sums_.idle.back().why == why) return;
    sums_.idle.push_back({slot.utc_ms, 0, std::move(why)});
  }

  void add(const SimulatedSlot& slot) {
    if (slot.local_hour != hour_ || slot.local_day != day_) end_hour();
    hour_ = slot.local_hour;
    day_ = slot.local_day;
    if (slot.dark) return;
    ++sums_.decisions;
    const std::int64_t since = hour_lit_ms_;
    sums_.lit_ms += slot.length_ms;
    hour_lit_ms_ += slot.length_ms;
    for (const Ghost& ghost : slot.decision.ghosts) {
      ++entry(ghost.campaign).ghosts;
      pace_[index_.at(ghost.campaign)].starts_ms.push_back(since);
    }
    if (!slot.decision.playable) {
      sums_.idle_ms += slot.length_ms;
      sums_.idle.back().length_ms += slot.length_ms;
      return;
    }
    SimulatedCampaign& campaign = entry(slot.decision.campaign);
    ++campaign.plays;
    campaign.shown_ms += slot.length_ms;
    pace_[index_.at(slot.decision.campaign)].starts_ms.push_back(since);
    const Campaign* bought = documents_.schedule->campaign(slot.decision.campaign);
    if (bought == nullptr || documents_.profile == nullptr) return;
    const auto hour = static_cast<std::size_t>(slot.hour_of_week);
    campaign.target_imp_milli +=
        target_imp_milli(*bought, documents_.profile->hours[hour], slot.length_ms);
  }

  void end_day(std::int64_t day) {
    if (documents_.numbers == nullptr) return;
    for (const CampaignNumbers& numbers : documents_.numbers->campaigns) {
      const auto found = index_.find(numbers.campaign);
      if (found == index_.end()) continue;
      SimulatedCampaign& campaign = sums_.campaigns[found->second];
      const auto due_by = [&](std::int64_t end) {
        return quota_due(numbers.goal_milli, numbers.phase, end - numbers.first_day);
      };
      campaign.due = due_by(day) - due_by(first_day_ - 1);
      const std::int64_t off = campaign.plays + campaign.ghosts - campaign.due;
      campaign.most_off = std::max(campaign.most_off, magnitude(off));
    }
  }

  Simulation sums() {
    end_hour();
    return std::move(sums_);
  }

 private:
  bool goes_on(const SimulatedSlot& slot) const {
    return !sums_.idle.empty() &&
           sums_.idle.back().utc_ms + sums_.idle.back().length_ms == slot.utc_ms;
  }
  SimulatedCampaign& entry(CampaignId id) { return sums_.campaigns[index_.at(id)]; }

  void end_hour() {
    for (std::size_t i = 0; i < pace_.size(); ++i) {
      SimulatedCampaign& campaign = sums_.campaigns[i];
      if (campaign.most_uneven_milli >= 0 && !broken_[i].contains(hour_)) {
        campaign.most_uneven_milli =
            std::max(campaign.most_uneven_milli, pace_[i].most_uneven_milli(hour_lit_ms_));
      }
      pace_[i].starts_ms.clear();
    }
    hour_lit_ms_ = 0;
  }

  const Documents& documents_;
  std::int64_t first_day_;
  Simulation sums_;
  std::map<CampaignId, std::size_t> index_;
  std::vector<std::set<int>> broken_;
  std::vector<HourPace> pace_;
  int hour_ = -1;
  std::int64_t day_ = kAbsent;
  std::int64_t hour_lit_ms_ = 0;
};

std::string counted(const std::vector<Rejection>& rejections) {
  std::map<Reason, int> reasons;
  for (const Rejection& rejection : rejections) ++reasons[rejection.reason];
  std::string text;
  for (const auto& [reason, count] : reasons) {
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(name_of(reason));
  }
  return text.empty() ? "the schedule is empty" : text;
}

}  // namespace

History as_planned_before(const Documents& documents, std::int64_t day) {
  History history;
  if (documents.numbers == nullptr) return history;
  for (const CampaignNumbers& numbers : documents.numbers->campaigns) {
    const std::int64_t had =
        quota_due(numbers.goal_milli, numbers.phase, day - 1 - numbers.first_day);
    if (had > 0) history.tally.push_back({numbers.campaign, 0, day - 1, had});
  }
  return history;
}

Simulation simulate(const Documents& documents, const ZoneTable& zone, std::int64_t first_day,
                    int days) {
  Account account(documents, first_day);
  SimulatedScreen screen(documents, zone, begin_of_day(zone, first_day) * 1'000);
  screen.remember(as_planned_before(documents, first_day));
  std::int64_t day = first_day;
  for (;;) {
    const SimulatedSlot slot = screen.next();
    for (; day < slot.local_day; ++day) account.end_day(day);
    if (day >= first_day + days) break;
    if (account.asks_why(slot)) account.idle_because(slot, counted(screen.why_not()));
    account.add(slot);
  }
  Simulation simulation = account.sums();
  simulation.zone = zone;
  return simulation;
}

Result<std::string> simulate(const SimulateOptions& options, bool json) {
  auto documents = read_documents(options);
  if (!documents) return std::move(documents).error();
  const std::string name = (*documents)->zone.empty() ? "Etc/UTC" : (*documents)->zone;
  auto day = parse_date(options.from);
  if (!day) return std::move(day).error().context("--from");
  auto zone = load_zone(name, (*day - 366) * kDay_s, (*day + options.days + 366) * kDay_s);
  if (!zone) return std::move(zone).error();
  const auto before = std::chrono::steady_clock::now();
  Simulation simulation = simulate((*documents)->view(), *zone, *day, options.days);
  if (options.time) {
    simulation.took_us = std::chrono::duration_cast<std::chrono::microseconds>(
                             std::chrono::steady_clock::now() - before)
                             .count();
  }
  return json ? simulation_json(simulation) : simulation_text(simulation);
}

}  // namespace vitrine::op
