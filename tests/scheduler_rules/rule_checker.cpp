#include "rule_checker.hpp"

#include <algorithm>
#include <numeric>

#include "base/time.hpp"

namespace vitrine::testing {
namespace {

constexpr std::array<const char*, kRules> kNames = {
    "calendar",    "display-hours", "lit",        "creative",    "content",   "variant",
    "flight",      "daypart",       "separation", "hourly-cap",  "daily-cap", "max-plays-day",
    "competitor",  "control",       "ghost",      "ghost-slot",  "takeover",  "no-takeover",
    "quota-above", "quota-below",   "idle",       "class-order", "repeat",    "record"};

constexpr std::int64_t kNominalMs = 10'000;  // of a file whose length nobody states

bool holds(const auto& list, const auto& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

bool excludes(const Campaign& one, const Campaign& other) {
  return !other.category.empty() && holds(one.rules.exclude_categories, other.category);
}
bool compete(const Campaign& one, const Campaign& other) {
  return excludes(one, other) || excludes(other, one);
}
// Too near to a control arm's campaign to take its slot.
bool related(const Campaign& one, const Campaign& other) {
  return compete(one, other) || (!one.category.empty() && one.category == other.category);
}

bool lists(const Flight& flight, CreativeId creative) {
  return std::any_of(flight.creatives.begin(), flight.creatives.end(),
                     [&](const auto& entry) { return entry.creative == creative; });
}

bool contains(const Flight& flight, std::int64_t day) {
  return flight.first_day <= day && day <= flight.last_day;
}

bool reached(std::int64_t plays, std::uint32_t cap) {
  return cap != 0 && plays >= cap;
}

// Who goes before whom where no numbers speak; the house loop comes after them all.
int rank(const Campaign* campaign) {
  if (campaign == nullptr) return 3;
  if (campaign->klass == CampaignClass::house) return 2;
  return campaign->klass == CampaignClass::remnant ? 1 : 0;
}

std::string called(const Campaign& campaign) {
  return "campaign " + std::to_string(campaign.id);
}

}  // namespace

const char* name_of(Rule rule) {
  return kNames[static_cast<std::size_t>(rule)];
}

void RuleChecker::Seen::add(const Seen& other) {
  slots += other.slots;
  plays += other.plays;
  ghosts += other.ghosts;
  takeovers += other.takeovers;
  house += other.house;
  idle += other.idle;
  dark += other.dark;
  quota_days += other.quota_days;
}

std::int64_t RuleChecker::violations() const {
  return std::accumulate(counts_.begin(), counts_.end(), std::int64_t{0});
}

void RuleChecker::count(Rule rule, const std::string& what) {
  ++counts_[static_cast<std::size_t>(rule)];
  if (!first_.empty()) return;
  first_ = "slot " + std::to_string(seen_.slots) + ", " + format_utc(now_ms_ / 1'000) + ", " +
           name_of(rule) + ": " + what;
}

void RuleChecker::use(const Documents& documents, const ContentState& content) {
  documents_ = documents;
  content_ = &content;
  whole_day_ = false;
}

void RuleChecker::power_was_off(std::int64_t length_ms) {
  expected_ms_ += length_ms;
  whole_day_ = false;
}

void RuleChecker::check(const SimulatedSlot& slot) {
  ++seen_.slots;
  check_calendar(slot);
  const Decision& decision = slot.decision;
  const Settings* settings = documents_.settings;
  const bool open = settings == nullptr || settings->display_hours.empty() ||
                    !days_open(settings->display_hours, now_).empty();
  const bool anything = decision.playable || !decision.ghosts.empty();
  if (!open && (anything || !slot.dark)) count(Rule::display_hours, "not dark");
  if (open && slot.dark) count(Rule::lit, "dark");
  if (slot.dark || !open) {
    ++seen_.dark;
    whole_day_ = false;
    return;
  }
  for (const Ghost& ghost : decision.ghosts) check_ghost(ghost, decision);
  if (decision.playable) {
    check_shown(decision);
  } else {
    ++seen_.idle;
    check_idle();
  }
  for (const Ghost& ghost : decision.ghosts) remember(ghost.campaign, true);
  if (!decision.playable) return;
  remember(decision.campaign, false);
  before_campaign_ = decision.campaign;
  before_creative_ = decision.creative;
}

void RuleChecker::remember(CampaignId campaign, bool ghost) {
  if (ghost) ++seen_.ghosts;
  if (campaign == 0) return;
  if (!ghost) ++seen_.plays;
  last_start_ms_[campaign] = now_ms_;
  ++plays_on_[{campaign, now_.day}];
  ++plays_at_[{campaign, 24 * now_.day + now_.hour()}];
}

void RuleChecker::check_calendar(const SimulatedSlot& slot) {
  const ScreenTime now = screen_time(zone_, slot.utc_ms / 1'000);
  if (now.day != now_.day) {
    close_day();
    // The very first day may have begun without us.
    whole_day_ = expected_ms_ >= 0;
  }
  now_ = now;
  now_ms_ = slot.utc_ms;
  if (expected_ms_ >= 0 && slot.utc_ms != expected_ms_) {
    count(Rule::calendar, "expected at " + format_utc(expected_ms_ / 1'000));
  } else if (slot.length_ms <= 0) {
    count(Rule::calendar, "a slot without length");
  } else if (slot.local_day != now.day || slot.local_hour != now.hour() ||
             slot.hour_of_week != now.hour_of_week()) {
    count(Rule::calendar, "another local day or hour");
  }
  expected_ms_ = slot.utc_ms + slot.length_ms;
}

void RuleChecker::check_ghost(const Ghost& ghost, const Decision& decision) {
  const Campaign* campaign = documents_.schedule->campaign(ghost.campaign);
  if (campaign == nullptr || !is_control(*campaign) || !decision.playable) {
    count(Rule::ghost, "of campaign " + std::to_string(ghost.campaign));
    return;
  }
  check_turn(*campaign, ghost.creative);
  const Campaign* shown = documents_.schedule->campaign(decision.campaign);
  if (shown != nullptr && related(*shown, *campaign)) {
    count(Rule::ghost_slot, called(*shown) + " for " + called(*campaign));
  }
}

void RuleChecker::check_shown(const Decision& decision) {
  const Schedule& schedule = *documents_.schedule;
  const std::string what = "creative " + std::to_string(decision.creative);
  if (decision.kind == PlayKind::takeover) {
    ++seen_.takeovers;
    whole_day_ = false;
    if (!takeover_holds()) {
      count(Rule::takeover_unfounded, what);
    } else if (decision.creative != documents_.takeover->creative || decision.campaign != 0) {
      count(Rule::creative, what);
    } else {
      check_file(documents_.takeover->creatives, decision);
    }
    return;
  }
  if (takeover_can_be_shown()) count(Rule::takeover_missed, what + " instead");
  const Campaign* campaign = schedule.campaign(decision.campaign);
  if (campaign != nullptr) {
    check_campaign(*campaign, decision);
  } else {
    ++seen_.house;
    if (decision.campaign != 0 || !holds(schedule.house, decision.creative)) {
      count(Rule::creative, what + " in the house loop");
    }
    if (decision.kind != PlayKind::house || decision.arm != Arm::none) {
      count(Rule::record, what + " in the house loop");
    }
  }
  check_file(schedule.creatives, decision);
  if (!takeover_can_be_shown()) check_order(campaign, decision);
}

void RuleChecker::check_campaign(const Campaign& campaign, const Decision& decision) {
  if (is_control(campaign)) count(Rule::control_shown, called(campaign));
  check_turn(campaign, decision.creative);
  if (beside_competitor(campaign)) {
    count(Rule::competitor, called(campaign) + " after " + std::to_string(before_campaign_));
  }
  const PlayKind kind = campaign.klass == CampaignClass::house ? PlayKind::house : PlayKind::play;
  const CampaignNumbers* numbers = numbers_of(campaign.id);
  const Arm arm = numbers == nullptr ? Arm::none : numbers->arm;
  const auto flights = flights_now(campaign);
  const bool phase =
      flights.empty() || std::any_of(flights.begin(), flights.end(), [&](const Flight* flight) {
        return flight->phase == decision.flight_phase;
      });
  if (decision.kind != kind || decision.arm != arm || !phase) {
    count(Rule::record, called(campaign));
  }
}

void RuleChecker::check_turn(const Campaign& campaign, CreativeId creative) {
  const std::string what = called(campaign);
  const auto flights = flights_now(campaign);
  if (days_open(campaign.dayparts, now_).empty()) {
    count(Rule::daypart, what);
  } else if (flights.empty()) {
    count(Rule::flight, what);
  } else if (std::none_of(flights.begin(), flights.end(),
                          [&](const Flight* flight) { return lists(*flight, creative); })) {
    count(Rule::creative, what + ", creative " + std::to_string(creative));
  }
  if (!separated(campaign)) count(Rule::separation, what);
  const std::int64_t today = plays_since(campaign.id, now_.day);
  if (reached(plays_in_hour(campaign.id), campaign.rules.hourly_cap)) {
    count(Rule::hourly_cap, what);
  }
  if (reached(today, campaign.rules.daily_cap)) count(Rule::daily_cap, what);
  if (reached(today, campaign.max_plays_day)) count(Rule::max_plays_day, what);
  if (!has_quota_left(campaign)) count(Rule::quota_exceeded, what);
}

// Of what is shown: that its file is at hand and that it is the right one of its variants.
void RuleChecker::check_file(const std::vector<Creative>& creatives, const Decision& decision) {
  const std::string what = "creative " + std::to_string(decision.creative) + ", variant " +
                           std::to_string(decision.variant);
  const auto creative = std::find_if(creatives.begin(), creatives.end(), [&](const Creative& each) {
    return each.id == decision.creative;
  });
  if (!usable(decision.content)) {
    count(Rule::content, what);
    return;
  }
  const Variant* variant = creative == creatives.end() ? nullptr : variant_now(*creative);
  if (variant == nullptr || variant->id != decision.variant ||
      variant->content != decision.content || creative->length_ms != decision.length_ms) {
    count(Rule::variant, what);
  }
}

// What should have come instead: another class, another creative. Only campaigns without numbers
// are asked: a quota waits for its turn.
void RuleChecker::check_order(const Campaign* shown, const Decision& decision) {
  const bool by_quota = shown != nullptr && numbers_of(shown->id) != nullptr;
  const bool again = decision.creative == before_creative_;
  bool class_order = false;
  bool repeat = again && std::any_of(documents_.schedule->house.begin(),
                                     documents_.schedule->house.end(), [&](CreativeId creative) {
                                       return showable(creative, before_creative_);
                                     });
  for (const Campaign& other : documents_.schedule->campaigns) {
    if (numbers_of(other.id) != nullptr || !could_show(other, before_creative_)) continue;
    const bool not_for_it =
        std::any_of(decision.ghosts.begin(), decision.ghosts.end(), [&](const Ghost& ghost) {
          const Campaign* control = documents_.schedule->campaign(ghost.campaign);
          return control != nullptr && related(other, *control);
        });
    if (not_for_it) continue;
    if (!by_quota && rank(&other) < rank(shown)) class_order = true;
    if (again && (!decision.ghosts.empty() || !a_ghost_bars({&other}))) repeat = true;
  }
  const std::string what = "creative " + std::to_string(decision.creative);
  if (class_order) count(Rule::class_order, what);
  if (repeat && !class_order) count(Rule::repeat, what);
}

void RuleChecker::check_idle() {
  const Schedule& schedule = *documents_.schedule;
  const bool house = std::any_of(schedule.house.begin(), schedule.house.end(),
                                 [&](CreativeId creative) { return showable(creative, 0); });
  std::vector<const Campaign*> allowed;
  for (const Campaign& campaign : schedule.campaigns) {
    if (!is_control(campaign) && has_quota_left(campaign) && could_show(campaign)) {
      allowed.push_back(&campaign);
    }
  }
  if (takeover_can_be_shown()) count(Rule::takeover_missed, "idle instead");
  if (house) {
    count(Rule::idle, "there is a house loop");
  } else if (!allowed.empty() && !a_ghost_bars(allowed)) {
    count(Rule::idle, called(*allowed.front()) + " was allowed");
  }
}

void RuleChecker::close_day() {
  if (!whole_day_ || documents_.numbers == nullptr) return;
  for (const CampaignNumbers& numbers : documents_.numbers->campaigns) {
    const Campaign* campaign = documents_.schedule->campaign(numbers.campaign);
    if (campaign == nullptr || !quota_must_be_met(*campaign, numbers)) continue;
    ++seen_.quota_days;
    const std::int64_t had = plays_since(campaign->id, numbers.first_day);
    const std::int64_t due = due_by_tonight(numbers, now_.day);
    if (had < due) {
      count(Rule::quota_missed,
            called(*campaign) + ": " + std::to_string(had) + " of " + std::to_string(due));
    }
  }
}

// A whole day in which it alone has a quota, no rule keeps it out at any time, and so much time
// that even if all its plays fell into half an hour each would find a slot edge within its own
// quarter of a turn; or it has the screen to itself and half the day is enough.
bool RuleChecker::quota_must_be_met(const Campaign& campaign,
                                    const CampaignNumbers& numbers) const {
  const Schedule& schedule = *documents_.schedule;
  const CampaignRules& rules = campaign.rules;
  if (documents_.numbers->campaigns.size() != 1 || is_control(campaign)) return false;
  if (!campaign.dayparts.empty() || campaign.max_plays_day != 0 || rules.daily_cap != 0 ||
      rules.hourly_cap != 0 || rules.separation_s != 0) {
    return false;
  }
  const bool rivals = std::any_of(schedule.campaigns.begin(), schedule.campaigns.end(),
                                  [&](const Campaign& other) { return compete(campaign, other); });
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
  const bool alone = schedule.campaigns.size() == 1 && schedule.house.empty();
  return needed_ms > 0 && needed_ms <= (alone ? 43'200'000 : 1'800'000 / 4);
}

bool RuleChecker::usable(const Hash256& content) const {
  return content_->eligible.contains(content) && !content_->rejected.contains(content) &&
         !content_->quarantined.contains(content);
}

const Variant* RuleChecker::variant_now(const Creative& creative) const {
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

bool RuleChecker::showable(CreativeId creative, CreativeId but) const {
  const Creative* found = documents_.schedule->creative(creative);
  return creative != but && found != nullptr && variant_now(*found) != nullptr;
}

bool RuleChecker::takeover_holds() const {
  const Takeover* takeover = documents_.takeover;
  if (takeover == nullptr || takeover->withdraw) return false;
  const std::int64_t now_s = now_ms_ / 1'000;
  return takeover->from_utc <= now_s && (takeover->until_utc == 0 || now_s < takeover->until_utc);
}

bool RuleChecker::takeover_can_be_shown() const {
  if (!takeover_holds()) return false;
  const auto& creatives = documents_.takeover->creatives;
  return std::any_of(creatives.begin(), creatives.end(), [&](const Creative& creative) {
    return creative.id == documents_.takeover->creative && variant_now(creative) != nullptr;
  });
}

const CampaignNumbers* RuleChecker::numbers_of(CampaignId campaign) const {
  if (documents_.numbers == nullptr) return nullptr;
  for (const CampaignNumbers& numbers : documents_.numbers->campaigns) {
    if (numbers.campaign == campaign) return &numbers;
  }
  return nullptr;
}

bool RuleChecker::is_control(const Campaign& campaign) const {
  const CampaignNumbers* numbers = numbers_of(campaign.id);
  return numbers != nullptr && numbers->arm == Arm::control;
}

// Two, where one ends with a night that the next one's first day follows.
std::vector<const Flight*> RuleChecker::flights_now(const Campaign& campaign) const {
  std::vector<const Flight*> found;
  for (const std::int64_t day : days_open(campaign.dayparts, now_)) {
    for (const Flight& flight : campaign.flights) {
      if (contains(flight, day) && !holds(found, &flight)) found.push_back(&flight);
    }
  }
  return found;
}

std::int64_t RuleChecker::due_by_tonight(const CampaignNumbers& numbers, std::int64_t day) const {
  if (day < numbers.first_day) return 0;
  std::int64_t milli = numbers.phase;
  for (std::size_t i = 0; i < numbers.goal_milli.size(); ++i) {
    if (numbers.first_day + static_cast<std::int64_t>(i) <= day) milli += numbers.goal_milli[i];
  }
  return milli / 1'000;
}

std::int64_t RuleChecker::plays_since(CampaignId campaign, std::int64_t day) const {
  std::int64_t plays = 0;
  for (auto each = plays_on_.lower_bound({campaign, day});
       each != plays_on_.end() && each->first.first == campaign; ++each) {
    plays += each->second;
  }
  return plays;
}

std::int64_t RuleChecker::plays_in_hour(CampaignId campaign) const {
  const auto found = plays_at_.find({campaign, 24 * now_.day + now_.hour()});
  return found == plays_at_.end() ? 0 : found->second;
}

bool RuleChecker::separated(const Campaign& campaign) const {
  const auto last = last_start_ms_.find(campaign.id);
  return last == last_start_ms_.end() ||
         now_ms_ - last->second >= std::int64_t{1'000} * campaign.rules.separation_s;
}

bool RuleChecker::beside_competitor(const Campaign& campaign) const {
  const Campaign* before = documents_.schedule->campaign(before_campaign_);
  return before != nullptr && before != &campaign && compete(*before, campaign);
}

bool RuleChecker::has_quota_left(const Campaign& campaign) const {
  const CampaignNumbers* numbers = numbers_of(campaign.id);
  return numbers == nullptr ||
         plays_since(campaign.id, numbers->first_day) < due_by_tonight(*numbers, now_.day);
}

bool RuleChecker::could_show(const Campaign& campaign, CreativeId but) const {
  const auto flights = flights_now(campaign);
  const std::int64_t today = plays_since(campaign.id, now_.day);
  return !flights.empty() && separated(campaign) && !beside_competitor(campaign) &&
         !reached(plays_in_hour(campaign.id), campaign.rules.hourly_cap) &&
         !reached(today, campaign.rules.daily_cap) && !reached(today, campaign.max_plays_day) &&
         // Of two flights the contract does not say whose creatives run, so both must have some.
         std::all_of(flights.begin(), flights.end(), [&](const Flight* flight) {
           return std::any_of(
               flight->creatives.begin(), flight->creatives.end(),
               [&](const WeightedCreative& entry) { return showable(entry.creative, but); });
         });
}

bool RuleChecker::a_ghost_bars(const std::vector<const Campaign*>& campaigns) const {
  const auto& all = documents_.schedule->campaigns;
  return std::any_of(all.begin(), all.end(), [&](const Campaign& control) {
    return is_control(control) && has_quota_left(control) && could_show(control) &&
           std::all_of(campaigns.begin(), campaigns.end(),
                       [&](const Campaign* campaign) { return related(*campaign, control); });
  });
}

}  // namespace vitrine::testing
