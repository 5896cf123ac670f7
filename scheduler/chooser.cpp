#include "chooser.hpp"

#include <algorithm>
#include <tuple>

#include "rotation.hpp"

namespace vitrine {
namespace {

constexpr std::int64_t kLeastCutMs = 1'000;  // shorter than this is no play
// Flips come on vblanks, a little before or after their time: twelve slots of ten seconds may be a
// few microseconds short of two minutes, and a separation of two minutes must not take thirteen.
constexpr Micros kSeparationTolerance = 50 * kMillisecond;

// So that screens which have a play or two of a campaign, each at its own phase, do not all show
// the same creative: multiples of the golden section spread any range of phases over the whole.
std::int64_t first_turn(const CampaignNumbers* numbers, std::int64_t weights) {
  return numbers == nullptr ? 0 : numbers->phase * 618 % 1'000 * weights / 1'000;
}

}  // namespace

Reason Slot::bar(const OpenCampaign& open) const {
  if (state.day_is_full(open.place)) return Reason::daily_cap;
  if (state.hour_is_full(open.place, boottime)) return Reason::hourly_cap;
  if (state.rested_at(open.place) > boottime + kSeparationTolerance) return Reason::separation;
  if (beside_competitor[open.place]) return Reason::competitor;
  if (after_last && open.paid) return Reason::position;
  if (open.position == SlotPosition::first && after_paid) return Reason::position;
  if (open.position == SlotPosition::last && !segment.house_follows(moment))
    return Reason::position;
  if (open.closes_utc_ms != kAbsent && open.closes_utc_ms - moment.utc_ms < kLeastCutMs)
    return Reason::outside_daypart;
  return Reason::none;
}

std::optional<Choice> Chooser::best(const Unwanted& unwanted) {
  std::optional<Choice> choice = by_quota(unwanted);
  if (!choice) choice = by_weight(slot_.segment.shared, shared_, unwanted);
  if (!choice) choice = by_weight(slot_.segment.remnant, remnant_, unwanted);
  if (!choice) choice = by_weight(slot_.segment.house, house_, unwanted);
  if (!choice) choice = from_loop(unwanted.offer);
  if (!choice && leeway_.ahead) choice = ahead_of_turn(unwanted);
  return choice;
}

std::optional<Choice> Chooser::after(const Choice& chosen) {
  if (chosen.campaign == nullptr) return from_loop(chosen.offer);
  return best({.campaign = chosen.campaign, .control = true});
}

bool Chooser::wanted(const OpenCampaign& open, const Unwanted& unwanted) const {
  if (unwanted.campaign == &open) return false;
  if (unwanted.control && open.control) return false;
  if (unwanted.kin_of == nullptr) return true;
  const int category = slot_.campaign(*unwanted.kin_of).category;
  return (category < 0 || slot_.campaign(open).category != category) &&
         !slot_.schedule.competitors(open.place, unwanted.kin_of->place);
}

bool Chooser::can_take(const OpenCampaign& open) const {
  if (!open.at(slot_.moment) || slot_.bar(open) != Reason::none) return false;
  return open.offers.size() > 1 || may_show(*open.offers.front().creative);
}

// The creative whose turn it is; what the glass shows now leaves its turn to the others.
const Offer* Chooser::offer_of(const OpenCampaign& open) const {
  const CompiledCampaign& campaign = slot_.campaign(open);
  if (open.offers.size() == 1) return &open.offers.front();
  std::int64_t weights = 0;
  for (const std::int64_t weight : open.weights) weights += weight;
  const std::int64_t turn = slot_.state.in_flight(open.place, *open.flight->flight) +
                            first_turn(campaign.numbers, weights);
  const std::size_t due = rotation(open.weights, turn);
  if (may_show(*open.offers[due].creative)) return &open.offers[due];
  std::vector<std::int64_t> others(open.weights.begin(), open.weights.end());
  others.erase(others.begin() + static_cast<std::ptrdiff_t>(due));
  const std::size_t next = rotation(others, turn);
  return &open.offers[next < due ? next : next + 1];
}

// Of those whose turn has come the one whose turn ends first; then the one it is worth more to.
std::optional<Choice> Chooser::by_quota(const Unwanted& unwanted) const {
  if (slot_.segment.quota.empty()) return std::nullopt;
  const auto& turns = slot_.state.turns(slot_.live_q4);
  const OpenCampaign* best = nullptr;
  const HourTurns* first = nullptr;
  for (const OpenCampaign& open : slot_.segment.quota) {
    const HourTurns& entry = turns[open.place];
    if (!entry.due(slot_.moment.utc_ms)) continue;
    if (first != nullptr) {
      if (entry.closes_utc_ms > first->closes_utc_ms) continue;
      if (entry.closes_utc_ms == first->closes_utc_ms) {
        const CampaignId id = open.id;
        const CampaignId other = best->id;
        if (std::tuple(-entry.value, id) > std::tuple(-first->value, other)) continue;
      }
    }
    if (!wanted(open, unwanted) || !can_take(open)) continue;
    best = &open;
    first = &entry;
  }
  if (best == nullptr) return std::nullopt;
  return Choice{best, offer_of(*best), first->boosted ? Reason::live_boost : Reason::quota_due};
}

std::optional<Choice> Chooser::by_weight(const std::vector<OpenCampaign>& members, Sharers& sharers,
                                         const Unwanted& unwanted) const {
  if (!sharers.asked) {
    sharers.asked = true;
    for (const OpenCampaign& open : members) {
      if (!can_take(open)) continue;
      sharers.campaigns.push_back(&open);
      sharers.runners.push_back(slot_.state.runner(open.place));
    }
  }
  std::vector<std::size_t> runners;
  const std::vector<std::size_t>* allowed = &sharers.runners;
  if (unwanted.campaign != nullptr || unwanted.control) {
    for (std::size_t i = 0; i < sharers.campaigns.size(); ++i) {
      if (wanted(*sharers.campaigns[i], unwanted)) runners.push_back(sharers.runners[i]);
    }
    allowed = &runners;
  }
  if (allowed->empty()) return std::nullopt;
  const CampaignClass klass = slot_.campaign(*sharers.campaigns.front()).campaign->klass;
  const auto next = slot_.state.race(klass).next(*allowed);
  if (!next) return std::nullopt;
  // Both ascend in schedule order.
  const auto at = std::lower_bound(sharers.runners.begin(), sharers.runners.end(), *next);
  const auto* chosen = sharers.campaigns[static_cast<std::size_t>(at - sharers.runners.begin())];
  return Choice{chosen, offer_of(*chosen), Reason::weight_due};
}

std::optional<Choice> Chooser::from_loop(const Offer* unwanted) const {
  const auto& loop = slot_.segment.loop;
  const std::size_t first = slot_.state.next_in_loop();
  for (std::size_t i = 0; i < loop.size(); ++i) {
    const Offer& offer = loop[(first + i) % loop.size()];
    if (offer.creative == nullptr || !may_show(*offer.creative)) continue;
    if (unwanted != nullptr && unwanted->creative == offer.creative) continue;
    return Choice{nullptr, &offer, Reason::house_fill};
  }
  return std::nullopt;
}

// Better too early than nothing on the glass; what is most behind for the day comes first.
std::optional<Choice> Chooser::ahead_of_turn(const Unwanted& unwanted) const {
  const OpenCampaign* best = nullptr;
  std::int64_t most_owed = 0;
  for (const OpenCampaign& open : slot_.segment.quota) {
    const std::int64_t owed = slot_.state.owed(open.place).value_or(0);
    if (owed <= 0 || owed < most_owed) continue;
    const CampaignId id = open.id;
    if (owed == most_owed && id > best->id) continue;
    if (!wanted(open, unwanted) || !can_take(open)) continue;
    best = &open;
    most_owed = owed;
  }
  if (best == nullptr) return std::nullopt;
  return Choice{best, offer_of(*best), Reason::quota_due};
}

}  // namespace vitrine
