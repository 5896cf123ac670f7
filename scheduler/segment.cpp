#include "segment.hpp"

#include <algorithm>

#include "local_hours.hpp"

namespace vitrine {
namespace {

constexpr std::int32_t kHourMinutes = 60;
constexpr std::int32_t kDayMinutes = 24 * kHourMinutes;
constexpr std::int64_t kLookAhead_s = 86'400;  // an end further off cuts no play

const Flight* flight_on(const Campaign& campaign, std::int64_t day) {
  for (const Flight& flight : campaign.flights) {
    if (flight.first_day <= day && day <= flight.last_day) return &flight;
  }
  return nullptr;
}

// The time around `utc_s` in which the clocks do not change.
UtcSpan steady_clocks(const ZoneTable& zone, std::int64_t utc_s) {
  const auto& changes = zone.transitions;
  const auto next = std::upper_bound(
      changes.begin(), changes.end(), utc_s,
      [](std::int64_t utc, const ZoneTransition& entry) { return utc < entry.from_utc; });
  return {next == changes.begin() ? utc_s - kLookAhead_s : std::prev(next)->from_utc,
          next == changes.end() ? utc_s + kLookAhead_s : next->from_utc};
}

// When the dayparts that hold now, or the flight, end; kAbsent: not within a day.
std::int64_t closes_utc_ms(const Campaign& campaign, const ZoneTable& zone, const Moment& moment) {
  const std::int64_t now = floor_div(moment.utc_ms, 1'000);
  std::int64_t at = now;
  while (at <= now + kLookAhead_s) {
    const LocalTime local = local_time(zone, at);
    const auto days = daypart_days(campaign.dayparts, local);
    if (flight_in_force(campaign.flights, days) == nullptr) return at * 1'000;
    // On to the next edge: of its dayparts, of the day, of the clocks.
    const std::int32_t minute = local.second / kSecondsOfMinute;
    std::int32_t edge = kDayMinutes;
    for (const Daypart& part : campaign.dayparts) {
      for (const std::int32_t end :
           {part.from_minute % kDayMinutes, part.until_minute % kDayMinutes}) {
        if (end > minute) edge = std::min(edge, end);
      }
    }
    at = std::min(at - local.second + edge * kSecondsOfMinute, steady_clocks(zone, at).until);
  }
  return kAbsent;
}

}  // namespace

int largest_group(const Profile* profile, const Moment& moment) {
  if (profile == nullptr || !moment.known) return -1;
  const auto& shares = profile->hours[static_cast<std::size_t>(moment.local.hour_of_week())].share;
  const auto largest = std::max_element(shares.begin(), shares.end());
  return *largest == 0 ? -1 : static_cast<int>(largest - shares.begin());
}

const CompiledFlight* flight_of(const CompiledCampaign& campaign, const Moment& moment,
                                Reason& why_not) {
  const Flight* flight = nullptr;
  if (moment.known && campaign.campaign->dayparts.empty()) {
    flight = flight_on(*campaign.campaign, moment.local.day);
    why_not = Reason::outside_flight;
  } else if (moment.known) {
    const auto days = daypart_days(campaign.campaign->dayparts, moment.local);
    flight = flight_in_force(campaign.campaign->flights, days);
    why_not = days.empty() ? Reason::outside_daypart : Reason::outside_flight;
  } else {
    flight = undated_flight(*campaign.campaign);
    why_not = Reason::clock_untrusted;
  }
  if (flight == nullptr) return nullptr;
  why_not = Reason::none;
  return &campaign.flights[static_cast<std::size_t>(flight - campaign.campaign->flights.data())];
}

Segment::Segment(const CompiledSchedule& schedule, const ZoneTable& zone, const Moment& moment)
    : known_(moment.known) {
  const int group = largest_group(schedule.documents().profile, moment);
  const bool numbers = schedule.documents().numbers != nullptr && known_;
  std::size_t most = 0;
  for (const CompiledCampaign& campaign : schedule.campaigns()) {
    std::size_t creatives = 0;
    for (const CompiledFlight& flight : campaign.flights)
      creatives = std::max(creatives, flight.creatives.size());
    most += creatives;
  }
  offers_.reserve(most);  // the spans below point into both
  weights_.reserve(most);
  Reason why_not = Reason::none;
  for (std::size_t place = 0; place < schedule.campaigns().size(); ++place) {
    const CompiledCampaign& campaign = schedule.campaigns()[place];
    const CompiledFlight* flight = flight_of(campaign, moment, why_not);
    if (flight == nullptr) continue;
    const std::size_t first = offers_.size();
    for (const FlightCreative& entry : flight->creatives) {
      const CompiledVariant* variant = entry.creative->variant_for(group, why_not);
      if (variant == nullptr) continue;
      offers_.push_back({entry.creative->creative, variant->variant, variant->length_ms});
      weights_.push_back(entry.weight);
    }
    if (offers_.size() == first) continue;
    OpenCampaign open;
    open.place = place;
    open.id = campaign.campaign->id;
    open.paid = campaign.paid();
    open.control = campaign.control();
    open.position = campaign.campaign->rules.position;
    open.flight = flight;
    open.offers = std::span(offers_).subspan(first);
    open.weights = std::span(weights_).subspan(first);
    if (known_ && campaign.campaign->rules.daypart_end == DaypartEnd::cut) {
      open.closes_utc_ms = closes_utc_ms(*campaign.campaign, zone, moment);
    }
    const CampaignClass klass = campaign.campaign->klass;
    if (numbers && campaign.numbers != nullptr) {
      quota.push_back(open);
    } else if (numbers && klass == CampaignClass::guaranteed) {
      continue;  // the planner has no plays for it here
    } else if (klass == CampaignClass::guaranteed || klass == CampaignClass::share) {
      shared.push_back(open);
    } else {
      (klass == CampaignClass::remnant ? remnant : house).push_back(open);
    }
  }
  for (const CreativeId id : schedule.schedule().house) {
    const CompiledCreative* creative = schedule.creative(id);
    const CompiledVariant* variant =
        creative == nullptr ? nullptr : creative->variant_for(group, why_not);
    loop.push_back(variant == nullptr
                       ? Offer{}
                       : Offer{creative->creative, variant->variant, variant->length_ms});
  }
  house_follows = !house.empty() || std::any_of(loop.begin(), loop.end(), [](const Offer& offer) {
    return offer.creative != nullptr;
  });
  if (known_) set_limits(schedule, zone, moment);
}

const OpenCampaign* Segment::campaign_of(CreativeId creative) const {
  for (const auto* list : {&quota, &shared, &remnant, &house}) {
    for (const OpenCampaign& open : *list) {
      for (const Offer& offer : open.offers) {
        if (offer.creative->id == creative) return &open;
      }
    }
  }
  return nullptr;
}

const OpenCampaign* Segment::open_campaign(std::size_t place) const {
  for (const auto* list : {&quota, &shared, &remnant, &house}) {
    for (const OpenCampaign& open : *list) {
      if (open.place == place) return &open;
    }
  }
  return nullptr;
}

void Segment::set_limits(const CompiledSchedule& schedule, const ZoneTable& zone,
                         const Moment& moment) {
  const std::int32_t minute = moment.local.second / kSecondsOfMinute;
  std::int32_t from = minute / kHourMinutes * kHourMinutes;
  std::int32_t until = from + kHourMinutes;
  const auto& edges = schedule.daypart_edges();
  const auto later = std::upper_bound(edges.begin(), edges.end(), minute);
  if (later != edges.end()) until = std::min(until, *later);
  if (later != edges.begin()) from = std::max(from, *std::prev(later));
  const std::int64_t utc_s = floor_div(moment.utc_ms, 1'000);
  const std::int64_t midnight = utc_s - moment.local.second;  // as today's clocks count
  from_utc_ms_ = (midnight + from * kSecondsOfMinute) * 1'000;
  until_utc_ms_ = (midnight + until * kSecondsOfMinute) * 1'000;
  // Where the clocks change, all of it is asked anew.
  const UtcSpan steady = steady_clocks(zone, utc_s);
  from_utc_ms_ = std::max(from_utc_ms_, steady.from * 1'000);
  until_utc_ms_ = std::min(until_utc_ms_, steady.until * 1'000);
}

}  // namespace vitrine
