#include "candidates.hpp"

#include <algorithm>

namespace vitrine {
namespace {

bool excludes(const Campaign& campaign, const std::string& category) {
  const auto& list = campaign.rules.exclude_categories;
  return !category.empty() && std::find(list.begin(), list.end(), category) != list.end();
}

const CampaignNumbers* numbers_of(const DecisionInput& input, CampaignId campaign) {
  if (input.documents.numbers == nullptr) return nullptr;
  for (const CampaignNumbers& entry : input.documents.numbers->campaigns) {
    if (entry.campaign == campaign) return &entry;
  }
  return nullptr;
}

std::int64_t creative_weight(const CampaignNumbers* numbers, const WeightedCreative& entry) {
  if (numbers != nullptr) {
    for (const CreativeShare& share : numbers->creative_weight) {
      if (share.creative == entry.creative) return share.weight;
    }
  }
  return entry.weight;
}

// Rules that end with the day or the hour or the flight; none when it may take part.
Reason lasting_rule(const SlotView& slot, const Campaign& campaign, const Flight*& flight) {
  if (slot.moment().known) {
    const auto days = daypart_days(campaign.dayparts, slot.moment().local);
    flight = flight_in_force(campaign.flights, days);
    if (flight == nullptr) return days.empty() ? Reason::outside_daypart : Reason::outside_flight;
  } else {
    flight = undated_flight(campaign);
    if (flight == nullptr) return Reason::clock_untrusted;
  }
  const std::int64_t today = slot.plays_since(campaign.id, slot.day());
  const auto reached = [](std::int64_t plays, std::uint32_t cap) {
    return cap != 0 && plays >= cap;
  };
  if (reached(today, campaign.rules.daily_cap) || reached(today, campaign.max_plays_day)) {
    return Reason::daily_cap;
  }
  if (campaign.rules.hourly_cap != 0 &&
      reached(slot.plays_this_hour(campaign.id), campaign.rules.hourly_cap)) {
    return Reason::hourly_cap;
  }
  return Reason::none;
}

Reason rule_of_the_moment(const SlotView& slot, const Campaign& campaign) {
  const DecisionInput& input = slot.input();
  const Micros separation = Micros{campaign.rules.separation_s} * kSecond;
  const auto too_close = [&](const HistoryPlay& play) {
    return separation > 0 && play.campaign == campaign.id &&
           input.seam.boottime - play.started < separation;
  };
  if (std::any_of(input.history.recent.begin(), input.history.recent.end(), too_close) ||
      std::any_of(input.pending.begin(), input.pending.end(), too_close)) {
    return Reason::separation;
  }
  if (slot.previous() != nullptr && slot.previous()->campaign != campaign.id) {
    const Campaign* before = input.documents.schedule->campaign(slot.previous()->campaign);
    if (before != nullptr && are_competitors(*before, campaign)) return Reason::competitor;
  }
  return Reason::none;
}

std::optional<Candidate> candidate(const SlotView& slot, const Creative* creative,
                                   Reason& why_not) {
  why_not = Reason::content_absent;
  if (creative == nullptr) return std::nullopt;
  Candidate found;
  found.creative = creative;
  found.variant = slot.variant_of(*creative, why_not);
  if (found.variant == nullptr) return std::nullopt;
  found.length_ms = slot.length_ms(*creative, *found.variant);
  found.just_shown = slot.previous() != nullptr && slot.previous()->creative == creative->id;
  return found;
}

}  // namespace

bool are_competitors(const Campaign& a, const Campaign& b) {
  return excludes(a, b.category) || excludes(b, a.category);
}

SlotView::SlotView(const DecisionInput& input) : input_(input) {
  moment_.known = input.seam.trust != ClockTrust::none;
  if (moment_.known) {
    moment_.utc_s = input.seam.utc_s;
    moment_.local = local_time(input.zone, input.seam.utc_s);
  }
  // A ghost was never on the glass, so nothing stands next to it.
  const auto last_shown = [](const std::vector<HistoryPlay>& plays) -> const HistoryPlay* {
    const auto found = std::find_if(plays.rbegin(), plays.rend(),
                                    [](const HistoryPlay& play) { return !play.ghost; });
    return found == plays.rend() ? nullptr : &*found;
  };
  previous_ = last_shown(input.pending);
  if (previous_ == nullptr) previous_ = last_shown(input.history.recent);
}

std::int64_t SlotView::plays_since(CampaignId campaign, std::int64_t first_day) const {
  std::int64_t plays = 0;
  for (const History::Tally& entry : input_.history.tally) {
    if (entry.campaign == campaign && entry.local_day >= first_day) plays += entry.plays;
  }
  return plays + std::count_if(input_.pending.begin(), input_.pending.end(), [&](const auto& play) {
           return play.campaign == campaign && play.local_day >= first_day;
         });
}

std::int64_t SlotView::plays_of(CampaignId campaign, CreativeId creative) const {
  std::int64_t plays = 0;
  for (const History::Tally& entry : input_.history.tally) {
    if (entry.campaign == campaign && entry.creative == creative) plays += entry.plays;
  }
  return plays + std::count_if(input_.pending.begin(), input_.pending.end(), [&](const auto& play) {
           return play.campaign == campaign && play.creative == creative;
         });
}

std::int64_t SlotView::plays_this_hour(CampaignId campaign) const {
  const auto in_this_hour = [&](const HistoryPlay& play) {
    if (play.campaign != campaign) return false;
    // Without a calendar the hour is the last sixty minutes.
    if (!moment_.known) return input_.seam.boottime - play.started < kHour;
    return play.local_day == moment_.local.day && play.local_hour == moment_.hour();
  };
  return std::count_if(input_.history.recent.begin(), input_.history.recent.end(), in_this_hour) +
         std::count_if(input_.pending.begin(), input_.pending.end(), in_this_hour);
}

std::int64_t SlotView::length_ms(const Creative& creative, const Variant& variant) const {
  if (creative.length_ms != 0) return creative.length_ms;
  const auto found = input_.content.length_ms.find(variant.content);
  return found == input_.content.length_ms.end() ? 0 : found->second;
}

Reason SlotView::content_problem(const Hash256& content) const {
  const ContentState& state = input_.content;
  if (state.quarantined.contains(content)) return Reason::quarantined;
  if (state.rejected.contains(content)) return Reason::content_rejected;
  return state.eligible.contains(content) ? Reason::none : Reason::content_absent;
}

const Variant* SlotView::variant_of(const Creative& creative, Reason& why_not) const {
  why_not = Reason::content_absent;
  if (creative.variants.empty()) return nullptr;
  const Variant* usual = &creative.variants.front();
  const Profile* profile = input_.documents.profile;
  if (profile != nullptr && moment_.known) {
    const auto& shares =
        profile->hours[static_cast<std::size_t>(moment_.local.hour_of_week())].share;
    // The first of equals, so that the choice repeats everywhere.
    const auto largest = std::max_element(shares.begin(), shares.end()) - shares.begin();
    for (const Variant& variant : creative.variants) {
      const auto& groups = variant.groups;
      if (*std::max_element(shares.begin(), shares.end()) == 0) break;
      if (std::find(groups.begin(), groups.end(), largest) == groups.end()) continue;
      if (content_problem(variant.content) == Reason::none) return &variant;
      break;
    }
  }
  why_not = content_problem(usual->content);
  return why_not == Reason::none ? usual : nullptr;
}

std::vector<CampaignCandidate> campaign_candidates(const SlotView& slot,
                                                   std::vector<Decision::Rejection>& rejections) {
  const Schedule& schedule = *slot.input().documents.schedule;
  std::vector<CampaignCandidate> candidates;
  for (const Campaign& campaign : schedule.campaigns) {
    CampaignCandidate entry;
    entry.campaign = &campaign;
    entry.numbers = numbers_of(slot.input(), campaign.id);
    const Reason lasting = lasting_rule(slot, campaign, entry.flight);
    if (lasting != Reason::none) {
      rejections.push_back({campaign.id, 0, lasting});
      continue;
    }
    for (const WeightedCreative& weighted : entry.flight->creatives) {
      Reason why_not = Reason::none;
      auto found = candidate(slot, schedule.creative(weighted.creative), why_not);
      if (!found) {
        rejections.push_back({campaign.id, weighted.creative, why_not});
        continue;
      }
      found->weight = creative_weight(entry.numbers, weighted);
      entry.creatives.push_back(*found);
    }
    if (entry.creatives.empty()) continue;
    entry.barred = rule_of_the_moment(slot, campaign);
    if (entry.barred != Reason::none) rejections.push_back({campaign.id, 0, entry.barred});
    candidates.push_back(std::move(entry));
  }
  return candidates;
}

std::optional<Candidate> house_candidate(const SlotView& slot, CreativeId creative,
                                         std::vector<Decision::Rejection>& rejections) {
  Reason why_not = Reason::none;
  auto found = candidate(slot, slot.input().documents.schedule->creative(creative), why_not);
  if (!found) rejections.push_back({0, creative, why_not});
  return found;
}

}  // namespace vitrine
