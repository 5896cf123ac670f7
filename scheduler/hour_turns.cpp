#include "hour_turns.hpp"

#include <algorithm>

#include "protocol/impressions.hpp"
#include "protocol/quota.hpp"

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

class Planner {
 public:
  explicit Planner(const SlotView& slot)
      : slot_(slot),
        input_(slot.input()),
        schedule_(*input_.documents.schedule),
        day_(slot.day()),
        hour_(slot.moment().hour()),
        lit_(lit_hours()) {}

  std::vector<HourTurns> turns() {
    for (const CampaignNumbers& numbers : input_.documents.numbers->campaigns) {
      if (const Campaign* campaign = schedule_.campaign(numbers.campaign)) add(*campaign, numbers);
    }
    std::array<std::int64_t, kHoursOfDay> room{};
    for (std::size_t i = 0; i < kHoursOfDay; ++i) room[i] = 1'000 * seconds_in(lit_[i]);
    const auto plan = plan_day(wishes_, room);
    const auto at = static_cast<std::size_t>(hour_);
    for (std::size_t i = 0; i < wishes_.size(); ++i) result_[i].plays = plan[i][at];
    if (input_.live_q4 != kLiveAsForecast) follow_audience(room);
    std::erase_if(result_, [](const HourTurns& turns) { return turns.open.empty(); });
    std::sort(result_.begin(), result_.end(),
              [](const auto& a, const auto& b) { return a.campaign < b.campaign; });
    return std::move(result_);
  }

 private:
  void add(const Campaign& campaign, const CampaignNumbers& numbers) {
    const std::int64_t length = length_ms(campaign);
    if (length == 0) return;  // none of its creatives can be shown
    HourTurns turns;
    turns.campaign = campaign.id;
    turns.separation_ms = std::int64_t{campaign.rules.separation_s} * 1'000;
    turns.had = slot_.plays_this_hour(campaign.id);
    PlanWish wish;
    wish.campaign = campaign.id;
    wish.length_ms = length;
    wish.owed = owed(campaign, numbers, turns.had);
    std::int64_t open_s = 0;
    for (int hour = hour_; hour < kHoursOfDay; ++hour) {
      const auto at = static_cast<std::size_t>(hour);
      UtcSpans open = open_in(campaign, hour);
      wish.most[at] = most_plays(campaign.rules, seconds_in(open), length);
      wish.value[at] = worth(campaign, length, hour) - numbers.price;
      open_s += seconds_in(open);
      if (hour == hour_) turns.open = std::move(open);
    }
    if (open_s == 0) return;
    turns.value = wish.value[static_cast<std::size_t>(hour_)];
    observed_.push_back(numbers.arm == Arm::none);
    wishes_.push_back(wish);
    result_.push_back(std::move(turns));
  }

  // Plays from this hour to the end of the day, bounded by the day's caps.
  std::int64_t owed(const Campaign& campaign, const CampaignNumbers& numbers,
                    std::int64_t this_hour) const {
    const std::int64_t before = slot_.plays_since(campaign.id, numbers.first_day) - this_hour;
    std::int64_t owed =
        quota_due(numbers.goal_milli, numbers.phase, day_ - numbers.first_day) - before;
    const std::int64_t today = slot_.plays_since(campaign.id, day_) - this_hour;
    for (const std::uint32_t cap : {campaign.rules.daily_cap, campaign.max_plays_day}) {
      if (cap != 0) owed = std::min<std::int64_t>(owed, cap - today);
    }
    return owed;
  }

  UtcSpans open_in(const Campaign& campaign, int hour) const {
    for (const Flight& flight : campaign.flights) {
      const auto spans =
          open_spans(input_.zone, day_, hour, campaign.dayparts, flight.first_day, flight.last_day);
      if (!spans.empty()) return common(spans, lit_[static_cast<std::size_t>(hour)]);
    }
    return {};
  }

  static std::int64_t most_plays(const CampaignRules& rules, std::int64_t open_s,
                                 std::int64_t length) {
    if (open_s == 0) return 0;
    std::int64_t most = std::max<std::int64_t>(1, open_s * 1'000 / length);
    if (rules.separation_s != 0) {
      most = std::min(most, std::max<std::int64_t>(1, open_s / rules.separation_s));
    }
    if (rules.hourly_cap != 0) most = std::min<std::int64_t>(most, rules.hourly_cap);
    return most;
  }

  // Of what may be shown, the longest: a plan with room for it has room for the others.
  std::int64_t length_ms(const Campaign& campaign) const {
    std::int64_t longest = 0;
    for (const Flight& flight : campaign.flights) {
      // An overnight part of yesterday's flight still runs today.
      if (flight.last_day < day_ - 1 || flight.first_day > day_) continue;
      for (const WeightedCreative& entry : flight.creatives) {
        const Creative* creative = schedule_.creative(entry.creative);
        Reason why_not = Reason::none;
        const Variant* variant =
            creative == nullptr ? nullptr : slot_.variant_of(*creative, why_not);
        if (variant == nullptr) continue;
        const std::int64_t length = slot_.length_ms(*creative, *variant);
        longest = std::max(longest, length != 0 ? length : kNominalLengthMs);
      }
    }
    return longest;
  }

  std::int64_t worth(const Campaign& campaign, std::int64_t length, int hour) const {
    const Profile* profile = input_.documents.profile;
    if (profile == nullptr) return 0;
    const int of_week = slot_.moment().local.weekday * kHoursOfDay + hour;
    return target_imp_milli(campaign, profile->hours[static_cast<std::size_t>(of_week)], length);
  }

  // When the display is on.
  std::array<UtcSpans, kHoursOfDay> lit_hours() const {
    static const std::vector<Daypart> kAlways;
    const Settings* settings = input_.documents.settings;
    const auto& hours = settings == nullptr ? kAlways : settings->display_hours;
    std::array<UtcSpans, kHoursOfDay> lit;
    for (int hour = hour_; hour < kHoursOfDay; ++hour) {
      lit[static_cast<std::size_t>(hour)] =
          open_spans(input_.zone, day_, hour, hours, day_ - 1, day_);
    }
    return lit;
  }

  // The same plan with this hour worth what the audience of the last quarter says. A campaign that
  // is part of an experiment keeps to the forecast, or its arms would differ by more than the ad.
  void follow_audience(const std::array<std::int64_t, kHoursOfDay>& room) {
    const auto at = static_cast<std::size_t>(hour_);
    for (std::size_t i = 0; i < wishes_.size(); ++i) {
      if (!observed_[i]) continue;
      const Campaign& campaign = *schedule_.campaign(wishes_[i].campaign);
      const std::int64_t forecast = worth(campaign, wishes_[i].length_ms, hour_);
      const std::int64_t observed = forecast * input_.live_q4 / kLiveAsForecast;
      wishes_[i].value[at] += observed - forecast;
      result_[i].value = wishes_[i].value[at];
    }
    const auto plan = plan_day(wishes_, room);
    for (std::size_t i = 0; i < wishes_.size(); ++i) {
      result_[i].boosted = plan[i][at] > result_[i].plays;
      result_[i].plays = plan[i][at];
    }
  }

  const SlotView& slot_;
  const DecisionInput& input_;
  const Schedule& schedule_;
  std::int64_t day_;
  int hour_;
  std::array<UtcSpans, kHoursOfDay> lit_;
  std::vector<PlanWish> wishes_;
  std::vector<bool> observed_;  // of each wish: the observed audience may move it
  std::vector<HourTurns> result_;
};

}  // namespace

bool HourTurns::due(std::int64_t utc_ms) const {
  return had < plays && opens_utc_ms() <= utc_ms;
}
std::int64_t HourTurns::opens_utc_ms() const {
  return utc_ms_at(open, turns().opens_ms());
}
std::int64_t HourTurns::closes_utc_ms() const {
  return utc_ms_at(open, turns().closes_ms());
}
Turns HourTurns::turns() const {
  return {plays, had, seconds_in(open) * 1'000, separation_ms};
}

std::vector<HourTurns> hour_turns(const SlotView& slot) {
  if (!slot.moment().known || slot.input().documents.numbers == nullptr) return {};
  return Planner(slot).turns();
}

}  // namespace vitrine
