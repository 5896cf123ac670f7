#include "rule_checker.hpp"

#include <algorithm>
#include <numeric>

#include "base/time.hpp"

namespace vitrine::testing {
namespace {

constexpr std::array<const char*, kRules> kNames = {"calendar",
                                                    "display-hours",
                                                    "lit",
                                                    "creative",
                                                    "content",
                                                    "variant",
                                                    "flight",
                                                    "daypart",
                                                    "separation",
                                                    "hourly-cap",
                                                    "daily-cap",
                                                    "max-plays-day",
                                                    "competitor",
                                                    "position",
                                                    "daypart-end",
                                                    "control-shown",
                                                    "ghost",
                                                    "ghost-slot",
                                                    "takeover-missed",
                                                    "takeover-unfounded",
                                                    "takeover-end",
                                                    "quota-exceeded",
                                                    "quota-missed",
                                                    "idle",
                                                    "class-order",
                                                    "repeat",
                                                    "record"};

// Who goes before whom where no numbers speak; the house loop comes after them all.
int rank(const Campaign* campaign) {
  if (campaign == nullptr) return 3;
  if (campaign->klass == CampaignClass::house) return 2;
  return campaign->klass == CampaignClass::remnant ? 1 : 0;
}

std::string called(const Campaign& campaign) {
  return "campaign " + std::to_string(campaign.id);
}

bool holds(const auto& list, const auto& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
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
  first_ = "slot " + std::to_string(seen_.slots) + ", " + format_utc(state_.now_ms() / 1'000) +
           ", " + name_of(rule) + ": " + what;
}

void RuleChecker::use(const Documents& documents, const ContentState& content) {
  state_.use(documents, content);
  whole_day_ = false;
}

void RuleChecker::power_was_off(std::int64_t length_ms) {
  if (expected_ms_ >= 0) expected_ms_ += length_ms;
  whole_day_ = false;
  without_gap_ = false;
}

void RuleChecker::check(const SimulatedSlot& slot) {
  ++seen_.slots;
  check_calendar(slot);
  const Decision& decision = slot.decision;
  const Settings* settings = state_.documents().settings;
  const bool open = settings == nullptr || settings->display_hours.empty() ||
                    !days_open(settings->display_hours, state_.now()).empty();
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
    check_end(slot);
  } else {
    ++seen_.idle;
    check_idle();
  }
  for (const Ghost& ghost : decision.ghosts) state_.remember(ghost.campaign);
  if (decision.playable) state_.remember_shown(decision.campaign, decision.creative);
}

void RuleChecker::check_calendar(const SimulatedSlot& slot) {
  const ScreenTime now = screen_time(zone_, slot.utc_ms / 1'000);
  if (now.day != state_.now().day) {
    close_day();
    // A day may begin without us: the very first one, or one that an outage runs into.
    whole_day_ = without_gap_;
  }
  without_gap_ = true;
  state_.set_time(slot.utc_ms, now);
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
  const Campaign* campaign = state_.documents().schedule->campaign(ghost.campaign);
  if (campaign == nullptr || !state_.is_control(*campaign) || !decision.playable) {
    count(Rule::ghost, "of campaign " + std::to_string(ghost.campaign));
    return;
  }
  ++seen_.ghosts;
  check_turn(*campaign, ghost.creative);
  const Campaign* shown = state_.documents().schedule->campaign(decision.campaign);
  if (shown != nullptr && related(*shown, *campaign)) {
    count(Rule::ghost_slot, called(*shown) + " for " + called(*campaign));
  }
}

void RuleChecker::check_shown(const Decision& decision) {
  const Schedule& schedule = *state_.documents().schedule;
  const std::string what = "creative " + std::to_string(decision.creative);
  if (decision.kind == PlayKind::takeover) {
    ++seen_.takeovers;
    whole_day_ = false;
    if (!state_.takeover_holds()) {
      count(Rule::takeover_unfounded, what);
    } else if (decision.creative != state_.documents().takeover->creative ||
               decision.campaign != 0) {
      count(Rule::creative, what);
    } else {
      check_file(state_.documents().takeover->creatives, decision);
    }
    return;
  }
  if (state_.takeover_can_be_shown()) count(Rule::takeover_missed, what + " instead");
  const Campaign* campaign = schedule.campaign(decision.campaign);
  if (campaign != nullptr) {
    ++seen_.plays;
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
  if (!state_.takeover_can_be_shown()) check_order(campaign, decision);
}

void RuleChecker::check_campaign(const Campaign& campaign, const Decision& decision) {
  if (state_.is_control(campaign)) count(Rule::control_shown, called(campaign));
  check_turn(campaign, decision.creative);
  if (state_.beside_competitor(campaign)) {
    count(Rule::competitor,
          called(campaign) + " after " + std::to_string(state_.before_campaign()));
  }
  if (!state_.in_position(campaign)) count(Rule::position, called(campaign));
  const PlayKind kind = campaign.klass == CampaignClass::house ? PlayKind::house : PlayKind::play;
  const CampaignNumbers* numbers = state_.numbers_of(campaign.id);
  const Arm arm = numbers == nullptr ? Arm::none : numbers->arm;
  const auto flights = state_.flights_now(campaign);
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
  const auto flights = state_.flights_now(campaign);
  if (days_open(campaign.dayparts, state_.now()).empty()) {
    count(Rule::daypart, what);
  } else if (flights.empty()) {
    count(Rule::flight, what);
  } else if (std::none_of(flights.begin(), flights.end(),
                          [&](const Flight* flight) { return lists(*flight, creative); })) {
    count(Rule::creative, what + ", creative " + std::to_string(creative));
  }
  if (!state_.separated(campaign)) count(Rule::separation, what);
  const std::int64_t today = state_.plays_since(campaign.id, state_.now().day);
  if (reached(state_.plays_in_hour(campaign.id), campaign.rules.hourly_cap)) {
    count(Rule::hourly_cap, what);
  }
  if (reached(today, campaign.rules.daily_cap)) count(Rule::daily_cap, what);
  if (reached(today, campaign.max_plays_day)) count(Rule::max_plays_day, what);
  if (!state_.has_quota_left(campaign)) count(Rule::quota_exceeded, what);
}

// Of what is shown: that its file is at hand and that it is the right one of its variants.
void RuleChecker::check_file(const std::vector<Creative>& creatives, const Decision& decision) {
  const std::string what = "creative " + std::to_string(decision.creative) + ", variant " +
                           std::to_string(decision.variant);
  const auto creative = std::find_if(creatives.begin(), creatives.end(), [&](const Creative& each) {
    return each.id == decision.creative;
  });
  if (!state_.usable(decision.content)) {
    count(Rule::content, what);
    return;
  }
  const Variant* variant = creative == creatives.end() ? nullptr : state_.variant_now(*creative);
  if (variant == nullptr || variant->id != decision.variant ||
      variant->content != decision.content || creative->length_ms != decision.length_ms) {
    count(Rule::variant, what);
  }
}

// What should have come instead: another class, another creative. Only campaigns without numbers
// are asked: a quota waits for its turn.
void RuleChecker::check_order(const Campaign* shown, const Decision& decision) {
  const bool by_quota = shown != nullptr && state_.numbers_of(shown->id) != nullptr;
  const bool again = decision.creative == state_.before_creative();
  bool class_order = false;
  bool repeat =
      again && std::any_of(state_.documents().schedule->house.begin(),
                           state_.documents().schedule->house.end(), [&](CreativeId creative) {
                             return state_.showable(creative, state_.before_creative());
                           });
  for (const Campaign& other : state_.documents().schedule->campaigns) {
    if (state_.numbers_of(other.id) != nullptr || !state_.has_quota_left(other) ||
        !state_.could_show(other, state_.before_creative()))
      continue;
    const bool not_for_it =
        std::any_of(decision.ghosts.begin(), decision.ghosts.end(), [&](const Ghost& ghost) {
          const Campaign* control = state_.documents().schedule->campaign(ghost.campaign);
          return control != nullptr && related(other, *control);
        });
    if (not_for_it) continue;
    if (!by_quota && rank(&other) < rank(shown)) class_order = true;
    if (again && (!decision.ghosts.empty() || !state_.a_ghost_bars({&other}))) repeat = true;
  }
  const std::string what = "creative " + std::to_string(decision.creative);
  if (class_order) count(Rule::class_order, what);
  if (repeat && !class_order) count(Rule::repeat, what);
}

void RuleChecker::check_end(const SimulatedSlot& slot) {
  const Campaign* campaign = state_.documents().schedule->campaign(slot.decision.campaign);
  const std::int64_t whole = slot.decision.length_ms != 0 ? slot.decision.length_ms
                                                          : state_.file_ms(slot.decision.content);
  if (slot.decision.kind == PlayKind::takeover) {
    if (!state_.takeover_holds()) return;  // counted already
    const std::int64_t until = state_.documents().takeover->until_utc;
    const std::int64_t most = until == 0 ? whole : std::min(whole, until * 1'000 - slot.utc_ms);
    if (slot.length_ms != most) {
      count(Rule::takeover_end, "creative " + std::to_string(slot.decision.creative));
    }
    return;
  }
  const bool cuts = campaign != nullptr && campaign->rules.daypart_end == DaypartEnd::cut;
  const bool over = cuts && !state_.open_at(*campaign, slot.utc_ms + slot.length_ms - 1);
  const bool early =
      slot.length_ms < whole && (!cuts || state_.open_at(*campaign, slot.utc_ms + slot.length_ms));
  if (slot.length_ms <= 0) return;  // counted already
  if (over || early || slot.length_ms > whole || (cuts && !state_.has_a_second(*campaign))) {
    count(Rule::daypart_end, "creative " + std::to_string(slot.decision.creative));
  }
}

void RuleChecker::check_idle() {
  const Schedule& schedule = *state_.documents().schedule;
  const bool house = std::any_of(schedule.house.begin(), schedule.house.end(),
                                 [&](CreativeId creative) { return state_.showable(creative, 0); });
  std::vector<const Campaign*> allowed;
  for (const Campaign& campaign : schedule.campaigns) {
    if (!state_.is_control(campaign) && state_.has_quota_left(campaign) &&
        state_.could_show(campaign)) {
      allowed.push_back(&campaign);
    }
  }
  if (state_.takeover_can_be_shown()) count(Rule::takeover_missed, "idle instead");
  if (house) {
    count(Rule::idle, "there is a house loop");
  } else if (!allowed.empty()) {
    count(Rule::idle, called(*allowed.front()) + " was allowed");
  }
}

void RuleChecker::close_day() {
  if (!whole_day_ || state_.documents().numbers == nullptr) return;
  for (const CampaignNumbers& numbers : state_.documents().numbers->campaigns) {
    const Campaign* campaign = state_.documents().schedule->campaign(numbers.campaign);
    if (campaign == nullptr || !state_.quota_must_be_met(*campaign, numbers)) continue;
    ++seen_.quota_days;
    const std::int64_t had = state_.plays_since(campaign->id, numbers.first_day);
    const std::int64_t due = state_.due_by_tonight(numbers, state_.now().day);
    if (had < due) {
      count(Rule::quota_missed,
            called(*campaign) + ": " + std::to_string(had) + " of " + std::to_string(due));
    }
  }
}

}  // namespace vitrine::testing
