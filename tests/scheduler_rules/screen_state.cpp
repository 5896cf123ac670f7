#include "screen_state.hpp"

#include <algorithm>

namespace vitrine::testing {
namespace {

constexpr std::int64_t kToleranceMs = 50;    // of a separation: flips come on vblanks
constexpr std::int64_t kNominalMs = 10'000;  // of a file whose length nobody states

bool holds(const auto& list, const auto& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

bool excludes(const Campaign& one, const Campaign& other) {
  return !other.category.empty() && holds(one.rules.exclude_categories, other.category);
}

bool contains(const Flight& flight, std::int64_t day) {
  return flight.first_day <= day && day <= flight.last_day;
}

}  // namespace

bool compete(const Campaign& one, const Campaign& other) {
  return excludes(one, other) || excludes(other, one);
}
bool related(const Campaign& one, const Campaign& other) {
  return compete(one, other) || (!one.category.empty() && one.category == other.category);
}

bool lists(const Flight& flight, CreativeId creative) {
  return std::any_of(flight.creatives.begin(), flight.creatives.end(),
                     [&](const auto& entry) { return entry.creative == creative; });
}

bool reached(std::int64_t plays, std::uint32_t cap) {
  return cap != 0 && plays >= cap;
}

void ScreenState::use(const Documents& documents, const ContentState& content) {
  documents_ = documents;
  content_ = &content;
}

void ScreenState::remember(CampaignId campaign) {
  if (campaign == 0) return;
  last_start_ms_[campaign] = now_ms_;
  ++plays_on_[{campaign, now_.day}];
  ++plays_at_[{campaign, 24 * now_.day + now_.hour()}];
}

void ScreenState::remember_shown(CampaignId campaign, CreativeId creative) {
  remember(campaign);
  before_campaign_ = campaign;
  before_creative_ = creative;
}

// It alone has a quota, no rule keeps it out at any time, and there is so much time that even if
// all its plays fell into half an hour, four slots would fit the turn of each.
bool ScreenState::quota_must_be_met(const Campaign& campaign,
                                    const CampaignNumbers& numbers) const {
  const Schedule& schedule = *documents_.schedule;
  const CampaignRules& rules = campaign.rules;
  if (documents_.numbers->campaigns.size() != 1 || is_control(campaign)) return false;
  if (!campaign.dayparts.empty() || campaign.max_plays_day != 0 || rules.daily_cap != 0 ||
      rules.hourly_cap != 0 || rules.separation_s != 0) {
    return false;
  }
  const bool rivals =
      std::any_of(schedule.campaigns.begin(), schedule.campaigns.end(), [&](const Campaign& other) {
        return compete(campaign, other) || other.rules.position != SlotPosition::any;
      });
  const auto flight = std::find_if(campaign.flights.begin(), campaign.flights.end(),
                                   [&](const Flight& each) { return contains(each, now_.day); });
  if (rivals || flight == campaign.flights.end()) return false;
  std::int64_t longest_ms = 0;
  for (const Creative& creative : schedule.creatives) {
    longest_ms = std::max<std::int64_t>({longest_ms, creative.length_ms, kNominalMs});
    const bool needed = lists(*flight, creative.id);
    const bool complete =
        std::all_of(creative.variants.begin(), creative.variants.end(),
                    [&](const Variant& variant) { return usable(variant.content); });
    if (needed && !complete) return false;
  }
  const std::int64_t before =
      plays_since(campaign.id, numbers.first_day) - plays_since(campaign.id, now_.day);
  const std::int64_t needed_ms = (due_by_tonight(numbers, now_.day) - before) * longest_ms;
  return needed_ms > 0 && needed_ms <= 1'800'000 / 4;
}

bool ScreenState::usable(const Hash256& content) const {
  return content_->eligible.contains(content) && !content_->rejected.contains(content) &&
         !content_->quarantined.contains(content);
}

std::int64_t ScreenState::file_ms(const Hash256& content) const {
  const auto measured = content_->length_ms.find(content);
  return measured == content_->length_ms.end() ? kNominalMs : std::int64_t{measured->second};
}

const Variant* ScreenState::variant_now(const Creative& creative) const {
  const Variant* wanted = &creative.variants.front();
  if (documents_.profile != nullptr) {
    const auto& share =
        documents_.profile->hours[static_cast<std::size_t>(now_.hour_of_week())].share;
    std::size_t largest = 0;
    for (std::size_t group = 1; group < share.size(); ++group) {
      if (share[group] > share[largest]) largest = group;
    }
    for (const Variant& variant : creative.variants) {
      if (!holds(variant.groups, largest)) continue;
      wanted = &variant;
      break;
    }
  }
  if (usable(wanted->content)) return wanted;
  return usable(creative.variants.front().content) ? &creative.variants.front() : nullptr;
}

bool ScreenState::showable(CreativeId creative, CreativeId but) const {
  const Creative* found = documents_.schedule->creative(creative);
  return creative != but && found != nullptr && variant_now(*found) != nullptr;
}

bool ScreenState::takeover_holds() const {
  const Takeover* takeover = documents_.takeover;
  if (takeover == nullptr || takeover->withdraw) return false;
  const std::int64_t now_s = now_ms_ / 1'000;
  return takeover->from_utc <= now_s && (takeover->until_utc == 0 || now_s < takeover->until_utc);
}

bool ScreenState::takeover_can_be_shown() const {
  if (!takeover_holds()) return false;
  const auto& creatives = documents_.takeover->creatives;
  return std::any_of(creatives.begin(), creatives.end(), [&](const Creative& creative) {
    return creative.id == documents_.takeover->creative && variant_now(creative) != nullptr;
  });
}

const CampaignNumbers* ScreenState::numbers_of(CampaignId campaign) const {
  if (documents_.numbers == nullptr) return nullptr;
  for (const CampaignNumbers& numbers : documents_.numbers->campaigns) {
    if (numbers.campaign == campaign) return &numbers;
  }
  return nullptr;
}

bool ScreenState::is_control(const Campaign& campaign) const {
  const CampaignNumbers* numbers = numbers_of(campaign.id);
  return numbers != nullptr && numbers->arm == Arm::control;
}

// Two, where one ends with a night that the next one's first day follows.
std::vector<const Flight*> ScreenState::flights_now(const Campaign& campaign) const {
  std::vector<const Flight*> found;
  for (const std::int64_t day : days_open(campaign.dayparts, now_)) {
    for (const Flight& flight : campaign.flights) {
      if (contains(flight, day) && !holds(found, &flight)) found.push_back(&flight);
    }
  }
  return found;
}

std::int64_t ScreenState::due_by_tonight(const CampaignNumbers& numbers, std::int64_t day) const {
  if (day < numbers.first_day) return 0;
  std::int64_t milli = numbers.phase;
  for (std::size_t i = 0; i < numbers.goal_milli.size(); ++i) {
    if (numbers.first_day + static_cast<std::int64_t>(i) <= day) milli += numbers.goal_milli[i];
  }
  return milli / 1'000;
}

std::int64_t ScreenState::plays_since(CampaignId campaign, std::int64_t day) const {
  std::int64_t plays = 0;
  for (auto each = plays_on_.lower_bound({campaign, day});
       each != plays_on_.end() && each->first.first == campaign; ++each) {
    plays += each->second;
  }
  return plays;
}

std::int64_t ScreenState::plays_in_hour(CampaignId campaign) const {
  const auto found = plays_at_.find({campaign, 24 * now_.day + now_.hour()});
  return found == plays_at_.end() ? 0 : found->second;
}

bool ScreenState::separated(const Campaign& campaign) const {
  const auto last = last_start_ms_.find(campaign.id);
  return last == last_start_ms_.end() ||
         now_ms_ - last->second + kToleranceMs >= std::int64_t{1'000} * campaign.rules.separation_s;
}

bool ScreenState::beside_competitor(const Campaign& campaign) const {
  const Campaign* before = documents_.schedule->campaign(before_campaign_);
  return before != nullptr && before != &campaign && compete(*before, campaign);
}

bool ScreenState::house_can_follow() const {
  const Schedule& schedule = *documents_.schedule;
  return std::any_of(schedule.house.begin(), schedule.house.end(),
                     [&](CreativeId creative) { return showable(creative, 0); }) ||
         std::any_of(
             schedule.campaigns.begin(), schedule.campaigns.end(), [&](const Campaign& each) {
               return each.klass == CampaignClass::house && numbers_of(each.id) == nullptr &&
                      !flights_now(each).empty() && has_something(each, 0);
             });
}

bool ScreenState::in_position(const Campaign& campaign) const {
  const Campaign* before = documents_.schedule->campaign(before_campaign_);
  const bool after_last =
      before != nullptr && before->rules.position == SlotPosition::last && paid(&campaign);
  if (after_last) return false;
  if (campaign.rules.position == SlotPosition::first) return !paid(before);
  return campaign.rules.position == SlotPosition::any || house_can_follow();
}

bool ScreenState::open_at(const Campaign& campaign, std::int64_t utc_ms) const {
  const auto days = days_open(campaign.dayparts, screen_time(zone_, utc_ms / 1'000));
  return std::any_of(days.begin(), days.end(), [&](std::int64_t day) {
    return std::any_of(campaign.flights.begin(), campaign.flights.end(),
                       [&](const Flight& flight) { return contains(flight, day); });
  });
}

bool ScreenState::has_a_second(const Campaign& campaign) const {
  return campaign.rules.daypart_end == DaypartEnd::finish || open_at(campaign, now_ms_ + 999);
}

bool ScreenState::has_quota_left(const Campaign& campaign) const {
  const CampaignNumbers* numbers = numbers_of(campaign.id);
  if (numbers == nullptr) {
    return documents_.numbers == nullptr || campaign.klass != CampaignClass::guaranteed;
  }
  return plays_since(campaign.id, numbers->first_day) < due_by_tonight(*numbers, now_.day);
}

bool ScreenState::could_show(const Campaign& campaign, CreativeId but) const {
  const auto flights = flights_now(campaign);
  const std::int64_t today = plays_since(campaign.id, now_.day);
  return !flights.empty() && separated(campaign) && !beside_competitor(campaign) &&
         in_position(campaign) && has_a_second(campaign) &&
         !reached(plays_in_hour(campaign.id), campaign.rules.hourly_cap) &&
         !reached(today, campaign.rules.daily_cap) && !reached(today, campaign.max_plays_day) &&
         has_something(campaign, but);
}

// Of two flights the contract does not say whose creatives run, so both must have some.
bool ScreenState::has_something(const Campaign& campaign, CreativeId but) const {
  const auto flights = flights_now(campaign);
  return std::all_of(flights.begin(), flights.end(), [&](const Flight* flight) {
    return std::any_of(
        flight->creatives.begin(), flight->creatives.end(),
        [&](const WeightedCreative& entry) { return showable(entry.creative, but); });
  });
}

bool ScreenState::a_ghost_bars(const std::vector<const Campaign*>& campaigns) const {
  const auto& all = documents_.schedule->campaigns;
  return std::any_of(all.begin(), all.end(), [&](const Campaign& control) {
    return is_control(control) && has_quota_left(control) && could_show(control) &&
           std::all_of(campaigns.begin(), campaigns.end(),
                       [&](const Campaign* campaign) { return related(*campaign, control); });
  });
}

}  // namespace vitrine::testing
