#include "hour_turns.hpp"

#include <algorithm>

#include "calendar.hpp"
#include "protocol/impressions.hpp"

namespace vitrine {
namespace {

constexpr std::uint32_t kLiveAsForecast = 16;

// When the `ms`-th millisecond of the spans' own time has passed.
std::int64_t utc_ms_at(const UtcSpans& spans, std::int64_t ms) {
  std::int64_t left = ms;
  for (const UtcSpan& span : spans) {
    const std::int64_t length = (span.until - span.from) * 1'000;
    if (left <= length) return span.from * 1'000 + left;
    left -= length;
  }
  return spans.back().until * 1'000;
}

std::int64_t most_plays(const CompiledCampaign& campaign, std::int64_t open_s,
                        std::int64_t length) {
  if (open_s == 0) return 0;
  std::int64_t most = std::max<std::int64_t>(1, open_s * 1'000 / length);
  if (const std::int64_t separation_s = campaign.separation / kSecond; separation_s != 0) {
    most = std::min(most, std::max<std::int64_t>(1, open_s / separation_s));
  }
  return std::min(most, campaign.hourly_cap);
}

}  // namespace

void HourTurns::set_window() {
  if (had >= plays || open.empty()) return;
  const Turns turns{plays, had, seconds_in(open) * 1'000, separation_ms};
  opens_utc_ms = utc_ms_at(open, turns.opens_ms());
  closes_utc_ms = utc_ms_at(open, turns.closes_ms());
}

DayTurns::DayTurns(const CompiledSchedule& schedule, const ZoneTable& zone, std::int64_t day)
    : schedule_(schedule), zone_(zone), day_(day) {
  const Settings* settings = schedule.documents().settings;
  for (int hour = 0; hour < kHoursOfDay; ++hour) {
    const auto at = static_cast<std::size_t>(hour);
    hours_[at] = hour_spans(zone, day, hour);
    lit_[at] = settings == nullptr || settings->display_hours.empty()
                   ? hours_[at]
                   : open_spans(zone, day, hour, settings->display_hours, day - 1, day);
  }
  const auto& campaigns = schedule.campaigns();
  wishes_.reserve(static_cast<std::size_t>(
      std::count_if(campaigns.begin(), campaigns.end(),
                    [](const auto& each) { return each.numbers != nullptr; })));
  for (std::size_t place = 0; place < campaigns.size(); ++place) {
    if (campaigns[place].numbers != nullptr) add(schedule, place);
  }
}

void DayTurns::add(const CompiledSchedule& schedule, std::size_t place) {
  const CompiledCampaign& campaign = schedule.campaigns()[place];
  const Profile* profile = schedule.documents().profile;
  const auto midnight = static_cast<std::size_t>(weekday_of(day_) * kHoursOfDay);
  PlanWish wish;
  wish.campaign = campaign.campaign->id;
  wish.length_ms = longest_ms(campaign);
  if (wish.length_ms == 0) return;  // none of its creatives can be shown
  std::int64_t open_s = 0;
  for (int hour = 0; hour < kHoursOfDay; ++hour) {
    const auto at = static_cast<std::size_t>(hour);
    const std::int64_t open = seconds_in(open_in(*campaign.campaign, hour));
    open_s += open;
    wish.most[at] = static_cast<std::int32_t>(most_plays(campaign, open, wish.length_ms));
    wish.value[at] = -campaign.numbers->price;
    if (profile != nullptr) {
      wish.value[at] +=
          target_imp_milli(*campaign.campaign, profile->hours[midnight + at], wish.length_ms);
    }
  }
  if (open_s == 0) return;
  places_.push_back(place);
  wishes_.push_back(wish);
}

UtcSpans DayTurns::open_in(const Campaign& campaign, int hour) const {
  const auto at = static_cast<std::size_t>(hour);
  for (const Flight& flight : campaign.flights) {
    if (campaign.dayparts.empty()) {
      if (flight.first_day <= day_ && day_ <= flight.last_day) return lit_[at];
      continue;
    }
    const auto spans =
        open_spans(zone_, day_, hour, campaign.dayparts, flight.first_day, flight.last_day);
    if (!spans.empty()) return common(spans, lit_[at]);
  }
  return {};
}

// Of what may be shown, the longest: a plan with room for it has room for the others.
std::int64_t DayTurns::longest_ms(const CompiledCampaign& campaign) const {
  std::int64_t longest = 0;
  for (const CompiledFlight& flight : campaign.flights) {
    // An overnight part of yesterday's flight still runs today.
    if (flight.flight->last_day < day_ - 1 || flight.flight->first_day > day_) continue;
    for (const FlightCreative& entry : flight.creatives) {
      for (const CompiledVariant& variant : entry.creative->variants) {
        if (variant.problem == Reason::none) longest = std::max(longest, variant.length_ms);
      }
    }
  }
  return longest;
}

std::vector<HourTurns> DayTurns::turns(int hour, const std::vector<HourAccount>& accounts,
                                       std::uint32_t live_q4) {
  const auto at = static_cast<std::size_t>(hour);
  std::array<std::int64_t, kHoursOfDay> room{};  // hours gone by have none
  for (std::size_t i = at; i < kHoursOfDay; ++i) room[i] = 1'000 * seconds_in(lit_[i]);
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const HourAccount& account = accounts[places_[i]];
    wishes_[i].owed =
        std::min(account.owed, schedule_.campaigns()[places_[i]].daily_cap - account.today);
  }
  const auto plan = plan_day(wishes_, room);
  std::vector<HourTurns> turns(schedule_.campaigns().size());
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const CompiledCampaign& campaign = schedule_.campaigns()[places_[i]];
    HourTurns& entry = turns[places_[i]];
    entry.open = open_in(*campaign.campaign, hour);
    if (entry.open.empty()) continue;
    entry.plays = plan[i][at];
    entry.had = accounts[places_[i]].had;
    entry.separation_ms = campaign.separation / kMillisecond;
    entry.value = wishes_[i].value[at];
  }
  if (live_q4 != kLiveAsForecast) follow_audience(room, hour, live_q4, turns);
  for (HourTurns& entry : turns) entry.set_window();
  return turns;
}

// The same plan with this hour worth what the audience of the last quarter says. A campaign that
// is part of an experiment keeps to the forecast, or its arms would differ by more than the ad.
void DayTurns::follow_audience(const std::array<std::int64_t, kHoursOfDay>& room, int hour,
                               std::uint32_t live_q4, std::vector<HourTurns>& turns) const {
  const auto at = static_cast<std::size_t>(hour);
  std::vector<PlanWish> wishes = wishes_;
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    const CampaignNumbers& numbers = *schedule_.campaigns()[places_[i]].numbers;
    if (numbers.arm != Arm::none) continue;
    const std::int64_t forecast = wishes[i].value[at] + numbers.price;
    wishes[i].value[at] = forecast * live_q4 / kLiveAsForecast - numbers.price;
  }
  const auto plan = plan_day(wishes, room);
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    HourTurns& entry = turns[places_[i]];
    if (entry.open.empty()) continue;
    entry.value = wishes[i].value[at];
    entry.boosted = plan[i][at] > entry.plays;
    entry.plays = plan[i][at];
  }
}

}  // namespace vitrine
