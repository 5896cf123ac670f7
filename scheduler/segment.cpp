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
  if (known_) set_limits(zone, moment);
  const int group = largest_group(schedule.documents().profile, moment);
  for (std::size_t place = 0; place < schedule.campaigns().size(); ++place) {
    add(schedule, zone, place, group);
  }
  add_loop(schedule, group);
  // Now that all offers have their places.
  for (auto* list : {&quota, &shared, &remnant, &house}) {
    for (OpenCampaign& open : *list) {
      open.offers = std::span(offers_).subspan(open.first, open.count);
      open.weights = std::span(weights_).subspan(open.first, open.count);
    }
  }
}

// The local hour of the moment, as far as the clocks do not change in it.
void Segment::set_limits(const ZoneTable& zone, const Moment& moment) {
  const std::int64_t utc_s = floor_div(moment.utc_ms, 1'000);
  constexpr std::int32_t kHourSeconds = kHourMinutes * kSecondsOfMinute;
  hour_ = moment.local;
  hour_.second -= hour_.second % kHourSeconds;
  const std::int64_t begun = utc_s - moment.local.second + hour_.second;
  const UtcSpan steady = steady_clocks(zone, utc_s);
  from_utc_ms_ = std::max(begun, steady.from) * 1'000;
  until_utc_ms_ = std::min(begun + kHourSeconds, steady.until) * 1'000;
  hour_.second += static_cast<std::int32_t>(from_utc_ms_ / 1'000 - begun);
}

// Asked at the beginning of the segment and at each edge of its dayparts in it.
void Segment::add(const CompiledSchedule& schedule, const ZoneTable& zone, std::size_t place,
                  int group) {
  const CompiledCampaign& campaign = schedule.campaigns()[place];
  OpenCampaign open;
  open.place = place;
  Reason why_not = Reason::none;
  if (!known_) {
    open.flight = flight_of(campaign, {}, why_not);
    if (open.flight != nullptr) add(schedule, open, group);
    return;
  }
  const bool cut = campaign.campaign->rules.daypart_end == DaypartEnd::cut;
  for (std::int64_t from = from_utc_ms_; from < until_utc_ms_; from = open.until_utc_ms) {
    Moment moment{true, hour_, from};
    moment.local.second += static_cast<std::int32_t>((from - from_utc_ms_) / 1'000);
    open.from_utc_ms = from;
    open.until_utc_ms = until_utc_ms_;
    const std::int32_t minute = moment.local.second / kSecondsOfMinute;
    const std::int64_t midnight_ms = from - std::int64_t{moment.local.second} * 1'000;
    for (const Daypart& part : campaign.campaign->dayparts) {
      for (const std::int32_t edge :
           {part.from_minute % kDayMinutes, part.until_minute % kDayMinutes}) {
        if (edge <= minute) continue;
        open.until_utc_ms = std::min(open.until_utc_ms,
                                     midnight_ms + std::int64_t{edge} * kSecondsOfMinute * 1'000);
      }
    }
    open.flight = flight_of(campaign, moment, why_not);
    if (open.flight == nullptr) continue;
    open.closes_utc_ms = cut ? closes_utc_ms(*campaign.campaign, zone, moment) : kAbsent;
    add(schedule, open, group);
  }
}

void Segment::add(const CompiledSchedule& schedule, OpenCampaign open, int group) {
  const CompiledCampaign& campaign = schedule.campaigns()[open.place];
  const bool numbers = schedule.documents().numbers != nullptr && known_;
  const CampaignClass klass = campaign.campaign->klass;
  // A guaranteed campaign that the numbers do not name has no plays here.
  if (numbers && campaign.numbers == nullptr && klass == CampaignClass::guaranteed) return;
  open.first = static_cast<std::uint32_t>(offers_.size());
  Reason why_not = Reason::none;
  for (const FlightCreative& entry : open.flight->creatives) {
    const CompiledVariant* variant = entry.creative->variant_for(group, why_not);
    if (variant == nullptr) continue;
    offers_.push_back({entry.creative->creative, variant->variant, variant->length_ms});
    weights_.push_back(entry.weight);
  }
  open.count = static_cast<std::uint32_t>(offers_.size()) - open.first;
  if (open.count == 0) return;
  open.id = campaign.campaign->id;
  open.paid = campaign.paid();
  open.control = campaign.control();
  open.position = campaign.campaign->rules.position;
  if (numbers && campaign.numbers != nullptr) {
    quota.push_back(open);
  } else if (klass == CampaignClass::guaranteed || klass == CampaignClass::share) {
    shared.push_back(open);
  } else {
    (klass == CampaignClass::remnant ? remnant : house).push_back(open);
  }
}

void Segment::add_loop(const CompiledSchedule& schedule, int group) {
  Reason why_not = Reason::none;
  for (const CreativeId id : schedule.schedule().house) {
    const CompiledCreative* creative = schedule.creative(id);
    const CompiledVariant* variant =
        creative == nullptr ? nullptr : creative->variant_for(group, why_not);
    loop.push_back(variant == nullptr
                       ? Offer{}
                       : Offer{creative->creative, variant->variant, variant->length_ms});
  }
}

bool Segment::house_follows(const Moment& moment) const {
  return std::any_of(house.begin(), house.end(),
                     [&](const OpenCampaign& open) { return open.at(moment); }) ||
         std::any_of(loop.begin(), loop.end(),
                     [](const Offer& offer) { return offer.creative != nullptr; });
}

const OpenCampaign* Segment::campaign_of(CreativeId creative, const Moment& moment) const {
  for (const auto* list : {&quota, &shared, &remnant, &house}) {
    for (const OpenCampaign& open : *list) {
      if (!open.at(moment)) continue;
      for (const Offer& offer : open.offers) {
        if (offer.creative->id == creative) return &open;
      }
    }
  }
  return nullptr;
}

const OpenCampaign* Segment::open_campaign(std::size_t place, const Moment& moment) const {
  for (const auto* list : {&quota, &shared, &remnant, &house}) {
    for (const OpenCampaign& open : *list) {
      if (open.place == place && open.at(moment)) return &open;
    }
  }
  return nullptr;
}

}  // namespace vitrine
