// The checker itself: slots made by hand that keep every rule, then ones that break exactly one.
#include "rule_checker.hpp"

#include <doctest/doctest.h>

#include "random_network.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

constexpr std::int64_t kMonday = 19'877;  // 2024-06-03
constexpr std::int64_t kMinute_ms = 60'000;
constexpr std::int64_t kHour_ms = 60 * kMinute_ms;
constexpr std::int64_t kDay_ms = 24 * kHour_ms;

Hash256 file_of(CreativeId creative, VariantId variant = 1) {
  Hash256 hash{};
  hash[0] = static_cast<std::uint8_t>(creative);
  hash[1] = static_cast<std::uint8_t>(variant);
  return hash;
}

// A screen in UTC on a Monday noon: cars (campaign 1) and bread (campaign 2) share it, each with
// two creatives of ten seconds; there is a house loop of two.
class Stage {
 public:
  Stage() {
    add_campaign(1, "cars");
    add_campaign(2, "bread");
    for (const CreativeId creative : {91, 92}) {
      add_creative(creative);
      in.schedule.house.push_back(creative);
    }
  }
  Campaign& add_campaign(CampaignId id, const std::string& category) {
    Campaign campaign;
    campaign.id = id;
    campaign.category = category;
    Flight flight;
    flight.first_day = kMonday - 1;
    flight.last_day = kMonday + 1;
    for (const CreativeId creative : {10 * id + 1, 10 * id + 2}) {
      add_creative(creative);
      flight.creatives.push_back({creative, 1});
    }
    campaign.flights.push_back(flight);
    in.schedule.campaigns.push_back(campaign);
    return in.schedule.campaigns.back();
  }
  Campaign& campaign(CampaignId id) { return in.schedule.campaigns[id - 1]; }
  Flight& flight() { return campaign(1).flights.front(); }
  // So many plays on Monday and none on other days.
  CampaignNumbers& set_numbers(CampaignId id, std::uint32_t plays, Arm arm = Arm::none) {
    if (!in.numbers) in.numbers.emplace();
    in.numbers->campaigns.push_back({id, kMonday, {1'000 * plays}, 0, 0, arm, {}});
    return in.numbers->campaigns.back();
  }
  void set_takeover() {
    in.takeover.emplace();
    in.takeover->creative = 200;
    in.takeover->creatives = {{200, "", 10'000, false, {{1, {}, file_of(200)}}}};
    in.content.eligible.insert(file_of(200));
  }

  // The next slot as it ought to be told; `creative` 0: idle.
  SimulatedSlot slot(CampaignId campaign, CreativeId creative) const {
    SimulatedSlot made;
    made.utc_ms = now_ms;
    made.local_day = now_ms / kDay_ms;
    made.local_hour = static_cast<int>(now_ms % kDay_ms / kHour_ms);
    made.hour_of_week = static_cast<int>((made.local_day + 3) % 7 * 24) + made.local_hour;
    made.length_ms = creative == 0 ? 1'000 : 10'000;
    Decision& decision = made.decision;
    if (creative == 0) return made;
    decision.playable = true;
    decision.campaign = campaign;
    decision.creative = creative;
    decision.variant = 1;
    decision.content = file_of(creative);
    decision.length_ms = 10'000;
    const Campaign* owner = in.schedule.campaign(campaign);
    decision.kind =
        owner == nullptr || owner->klass == CampaignClass::house ? PlayKind::house : PlayKind::play;
    if (creative == 200) decision.kind = PlayKind::takeover;
    if (in.numbers && owner != nullptr) {
      for (const CampaignNumbers& numbers : in.numbers->campaigns) {
        if (numbers.campaign == campaign) decision.arm = numbers.arm;
      }
    }
    return made;
  }
  SimulatedSlot dark() const {
    SimulatedSlot made = slot(0, 0);
    made.dark = true;
    return made;
  }
  static SimulatedSlot with_ghost(SimulatedSlot slot, CampaignId campaign) {
    slot.decision.ghosts.push_back({campaign, 10 * campaign + 1});
    return slot;
  }

  void show(const SimulatedSlot& slot) {
    if (!begun_) put_in_force();
    checker.check(slot);
    now_ms = slot.utc_ms + slot.length_ms;
  }
  void show(CampaignId campaign, CreativeId creative) { show(slot(campaign, creative)); }
  void put_in_force() {
    begun_ = true;
    checker.use(in.documents(), in.content);
  }
  // Nothing to be seen until then.
  void power_off_until(std::int64_t utc_ms) {
    checker.power_was_off(utc_ms - now_ms);
    now_ms = utc_ms;
  }

  void is_right() const { CHECK_MESSAGE(checker.violations() == 0, checker.first()); }
  void breaks_only(Rule rule) const {
    CAPTURE(checker.first());
    CHECK(checker.violations() == 1);
    CHECK(checker.violations(rule) == 1);
    CHECK(checker.first().find(name_of(rule)) != std::string::npos);
  }

  Inputs in;
  std::int64_t now_ms = kMonday * kDay_ms + 12 * kHour_ms;
  ZoneTable zone;
  RuleChecker checker{zone};

 private:
  void add_creative(CreativeId id) {
    in.schedule.creatives.push_back({id, "", 10'000, false, {{1, {}, file_of(id)}}});
    in.content.eligible.insert(file_of(id));
  }

  bool begun_ = false;
};

}  // namespace

TEST_CASE("slots that keep every rule are not counted") {
  Stage stage;
  for (int i = 0; i < 20; ++i) {
    stage.show(1, 11);
    stage.show(2, 21);
    stage.show(1, 12);
    stage.show(2, 22);
  }
  stage.is_right();
  CHECK(stage.checker.seen().plays == 80);
  CHECK(stage.checker.first().empty());
}

TEST_CASE("a slot that begins elsewhere than the one before it ended is counted") {
  Stage stage;
  stage.show(1, 11);
  SUBCASE("a gap") {
    stage.now_ms += 1'000;
  }
  SUBCASE("time stands still") {
    stage.now_ms -= 10'000;
  }
  stage.show(2, 21);
  stage.breaks_only(Rule::calendar);
}

TEST_CASE("a slot without length, or told in another hour or day, is counted") {
  Stage stage;
  SimulatedSlot slot = stage.slot(1, 11);
  SUBCASE("length") {
    slot.length_ms = 0;
  }
  SUBCASE("hour") {
    ++slot.local_hour;
  }
  SUBCASE("day") {
    ++slot.local_day;
  }
  SUBCASE("hour of the week") {
    slot.hour_of_week = 0;
  }
  stage.show(slot);
  stage.breaks_only(Rule::calendar);
}

TEST_CASE("anything outside the display hours is counted, and darkness within them") {
  Stage stage;
  stage.in.settings.emplace();
  Daypart hours;
  hours.from_minute = 8 * 60;
  hours.until_minute = 12 * 60;
  stage.in.settings->display_hours = {hours};
  SUBCASE("from the minute of its end on") {
    stage.show(stage.dark());
    stage.show(1, 11);
    stage.breaks_only(Rule::display_hours);
  }
  SUBCASE("even an idle slot, which asks") {
    stage.show(0, 0);
    stage.breaks_only(Rule::display_hours);
  }
  SUBCASE("until the minute of its end") {
    stage.now_ms -= 10'000;
    stage.show(1, 11);
    stage.is_right();
  }
  SUBCASE("dark within") {
    stage.now_ms -= 10'000;
    stage.show(stage.dark());
    stage.breaks_only(Rule::lit);
  }
}

TEST_CASE("a creative of somebody else is counted") {
  Stage stage;
  SUBCASE("of another campaign") {
    stage.show(1, 21);
  }
  SUBCASE("of another flight") {
    stage.flight().creatives.pop_back();
    stage.show(1, 12);
  }
  SUBCASE("not of the house loop") {
    stage.in.schedule.campaigns.resize(1);
    stage.flight().last_day = kMonday - 1;
    stage.show(0, 11);
  }
  SUBCASE("of the takeover, but not the one it names") {
    stage.set_takeover();
    stage.in.takeover->creative = 201;
    stage.in.takeover->creatives.push_back({201, "", 10'000, false, {{1, {}, file_of(200)}}});
    stage.show(0, 200);
  }
  stage.breaks_only(Rule::creative);
}

TEST_CASE("a file that is absent, rejected or quarantined is counted") {
  Stage stage;
  SUBCASE("absent") {
    stage.in.content.eligible.erase(file_of(11));
  }
  SUBCASE("rejected") {
    stage.in.content.rejected.insert(file_of(11));
  }
  SUBCASE("quarantined") {
    stage.in.content.quarantined.insert(file_of(11));
  }
  SUBCASE("one that no document names") {
    stage.in.content.eligible.clear();
  }
  stage.show(1, 11);
  stage.breaks_only(Rule::content);
}

TEST_CASE("another variant than the one for the hour's largest group is counted") {
  Stage stage;
  Creative& creative = stage.in.schedule.creatives.front();
  creative.variants.push_back({2, {3, 4}, file_of(11, 2)});
  creative.variants.push_back({3, {4}, file_of(11, 3)});
  stage.in.content.eligible.insert(file_of(11, 2));
  stage.in.content.eligible.insert(file_of(11, 3));
  stage.in.profile.emplace();
  for (ProfileHour& hour : stage.in.profile->hours) hour.share[0] = 10'000;
  // Monday noon, where 4 is as large as 5 and comes first.
  stage.in.profile->hours[12].share = {0, 0, 0, 0, 5'000, 5'000};
  SimulatedSlot slot = stage.slot(1, 11);
  const auto tell = [&](VariantId variant) {
    slot.decision.variant = variant;
    slot.decision.content = file_of(11, variant);
  };
  SUBCASE("the first that lists it is right") {
    tell(2);
    stage.show(slot);
    stage.is_right();
  }
  SUBCASE("the default is not") {
    stage.show(slot);
    stage.breaks_only(Rule::variant);
  }
  SUBCASE("nor a later one") {
    tell(3);
    stage.show(slot);
    stage.breaks_only(Rule::variant);
  }
  SUBCASE("nor its file under another name") {
    tell(2);
    slot.decision.variant = 1;
    stage.show(slot);
    stage.breaks_only(Rule::variant);
  }
  SUBCASE("without its file the default is right") {
    stage.in.content.eligible.erase(file_of(11, 2));
    stage.show(slot);
    stage.is_right();
  }
  SUBCASE("and a later one is not") {
    stage.in.content.eligible.erase(file_of(11, 2));
    tell(3);
    stage.show(slot);
    stage.breaks_only(Rule::variant);
  }
}

TEST_CASE("a play on a day of no flight is counted") {
  Stage stage;
  SUBCASE("after") {
    stage.flight().last_day = kMonday - 1;
  }
  SUBCASE("before") {
    stage.flight().first_day = kMonday + 1;
  }
  SUBCASE("in between") {
    stage.campaign(1).flights.push_back(stage.flight());
    stage.flight().last_day = kMonday - 1;
    stage.campaign(1).flights.back().first_day = kMonday + 1;
  }
  SUBCASE("the night of a day that is over") {
    // Tuesday's daypart began on Monday; the flight begins on Tuesday.
    stage.now_ms = (kMonday + 1) * kDay_ms + kHour_ms;
    stage.flight().first_day = kMonday + 1;
    Daypart night;
    night.from_minute = 23 * 60;
    night.until_minute = 2 * 60;
    stage.campaign(1).dayparts = {night};
  }
  stage.show(1, 11);
  stage.breaks_only(Rule::flight);
}

TEST_CASE("a play outside the dayparts is counted") {
  Stage stage;
  Daypart part;
  part.from_minute = 11 * 60;
  part.until_minute = 13 * 60;
  bool right = false;
  SUBCASE("it ends where it ends") {
    part.until_minute = 12 * 60;
  }
  SUBCASE("a second before it begins") {
    part.from_minute = 12 * 60 + 1;
  }
  SUBCASE("it begins where it begins") {
    part.from_minute = 12 * 60;
    right = true;
  }
  SUBCASE("another weekday") {
    part.weekdays = 0x7e;
  }
  SUBCASE("not on this day") {
    part.except_days = {kMonday};
  }
  SUBCASE("on this day whatever the weekday") {
    part.weekdays = 0;
    part.extra_days = {kMonday};
    right = true;
  }
  SUBCASE("the night of yesterday, which has none") {
    part.from_minute = 20 * 60;
    part.until_minute = 12 * 60 + 30;
    part.except_days = {kMonday - 1};
  }
  SUBCASE("the night of yesterday") {
    part.from_minute = 20 * 60;
    part.until_minute = 12 * 60 + 30;
    part.weekdays = 0x40;  // Sunday
    right = true;
  }
  stage.campaign(1).dayparts = {part};
  stage.show(1, 11);
  if (right) {
    stage.is_right();
  } else {
    stage.breaks_only(Rule::daypart);
  }
}

TEST_CASE("a play sooner than the separation after the last play or ghost is counted") {
  Stage stage;
  stage.campaign(1).rules.separation_s = 20;
  SUBCASE("play") {
    stage.show(1, 11);
    stage.show(1, 12);
    stage.breaks_only(Rule::separation);
  }
  SUBCASE("ghost") {
    stage.set_numbers(1, 9, Arm::control);
    stage.show(Stage::with_ghost(stage.slot(2, 21), 1));
    stage.show(Stage::with_ghost(stage.slot(2, 22), 1));
    stage.breaks_only(Rule::separation);
  }
  SUBCASE("exactly as long is enough") {
    stage.show(1, 11);
    stage.show(2, 21);
    stage.show(1, 12);
    stage.is_right();
  }
}

TEST_CASE("one play more than a cap allows is counted") {
  Stage stage;
  const auto twice = [&] {
    stage.show(1, 11);
    stage.show(2, 21);
    stage.show(1, 12);
  };
  SUBCASE("of the hour") {
    stage.campaign(1).rules.hourly_cap = 1;
    twice();
    stage.breaks_only(Rule::hourly_cap);
  }
  SUBCASE("of the hour, in two hours") {
    stage.campaign(1).rules.hourly_cap = 1;
    stage.now_ms += kHour_ms - 10'000;
    twice();
    stage.is_right();
  }
  SUBCASE("of the day") {
    stage.campaign(1).rules.daily_cap = 1;
    twice();
    stage.breaks_only(Rule::daily_cap);
  }
  SUBCASE("of the day, on two days") {
    stage.campaign(1).rules.daily_cap = 1;
    stage.now_ms += kDay_ms / 2 - 10'000;
    twice();
    stage.is_right();
  }
  SUBCASE("of the campaign's day") {
    stage.campaign(1).max_plays_day = 1;
    twice();
    stage.breaks_only(Rule::max_plays_day);
  }
}

TEST_CASE("an hour that the clocks repeat is one hour") {
  Stage stage;
  stage.campaign(1).rules.hourly_cap = 1;
  stage.zone.transitions = {{0, 3'600}, {stage.now_ms / 1'000 + 3'600, 0}};
  // 13:00 in summer, then an hour later 13:00 once more.
  const auto told = [&](CreativeId creative) {
    SimulatedSlot slot = stage.slot(1, creative);
    slot.local_hour = 13;
    slot.hour_of_week = 13;
    return slot;
  };
  stage.show(told(11));
  stage.power_off_until(stage.now_ms + kHour_ms);
  stage.show(told(12));
  stage.breaks_only(Rule::hourly_cap);
}

TEST_CASE("a competitor next to what was shown is counted, whichever excludes the other") {
  for (const CampaignId excluding : {1, 2}) {
    Stage stage;
    stage.campaign(excluding).rules.exclude_categories = {"soap",
                                                          excluding == 1 ? "bread" : "cars"};
    stage.show(1, 11);
    stage.show(2, 21);
    stage.breaks_only(Rule::competitor);
  }
}

TEST_CASE("competitors with something in between are right") {
  Stage stage;
  stage.campaign(1).rules.exclude_categories = {"bread"};
  stage.add_campaign(3, "");
  stage.show(1, 11);
  stage.show(3, 31);
  stage.show(2, 21);
  stage.is_right();
}

TEST_CASE("a play out of its position among paid plays is counted") {
  Stage stage;
  stage.campaign(2).rules.position = SlotPosition::first;
  stage.show(2, 21);
  stage.show(1, 11);
  stage.is_right();
  stage.show(2, 22);
  stage.breaks_only(Rule::position);
}

TEST_CASE("a paid play after one that wants to be last is counted, a house play is not") {
  Stage stage;
  stage.campaign(2).rules.position = SlotPosition::last;
  stage.show(2, 21);
  stage.show(0, 91);
  stage.show(2, 22);
  stage.is_right();
  stage.show(1, 11);
  stage.breaks_only(Rule::position);
}

TEST_CASE("a play that goes on when its daypart ends is counted where it ought to be cut") {
  Stage stage;
  stage.campaign(1).dayparts.push_back({0x7f, 0, 12 * 60 + 1, {}, {}});
  stage.campaign(1).rules.daypart_end = DaypartEnd::cut;
  for (const CreativeId creative : {11, 12, 11, 12, 11}) stage.show(1, creative);
  SimulatedSlot cut = stage.slot(1, 12);
  SUBCASE("to its end") {
    cut.length_ms = 10'000;
    stage.show(cut);
    stage.is_right();
  }
  SUBCASE("too early") {
    cut.length_ms = 8'000;
    stage.show(cut);
    stage.breaks_only(Rule::daypart_end);
  }
}

TEST_CASE("a campaign that the numbers in force do not name may not be missed, if guaranteed") {
  Stage stage;
  stage.campaign(1).klass = CampaignClass::guaranteed;
  stage.campaign(2).klass = CampaignClass::guaranteed;
  stage.set_numbers(2, 1);
  stage.show(2, 21);
  stage.show(0, 91);
  stage.is_right();
  stage.show(1, 11);
  stage.breaks_only(Rule::quota_exceeded);
}

TEST_CASE("a control arm on the glass is counted") {
  Stage stage;
  stage.set_numbers(1, 9, Arm::control);
  stage.show(1, 11);
  stage.breaks_only(Rule::control_shown);
}

TEST_CASE("a ghost of what is no control arm, or in a slot that nobody took, is counted") {
  Stage stage;
  SUBCASE("no numbers") {
    stage.show(Stage::with_ghost(stage.slot(2, 21), 1));
  }
  SUBCASE("treated") {
    stage.set_numbers(1, 9, Arm::treated);
    stage.show(Stage::with_ghost(stage.slot(2, 21), 1));
  }
  SUBCASE("unknown") {
    stage.show(Stage::with_ghost(stage.slot(2, 21), 7));
  }
  SUBCASE("idle") {
    stage.set_numbers(1, 9, Arm::control);
    stage.in.schedule.house.clear();
    stage.in.schedule.campaigns.resize(1);
    stage.show(Stage::with_ghost(stage.slot(0, 0), 1));
  }
  stage.breaks_only(Rule::ghost);
}

TEST_CASE("a ghost's slot given to its own category or to a competitor is counted") {
  Stage stage;
  stage.set_numbers(1, 9, Arm::control);
  SUBCASE("category") {
    stage.campaign(2).category = "cars";
  }
  SUBCASE("competitor") {
    stage.campaign(2).rules.exclude_categories = {"cars"};
  }
  SUBCASE("competitor, the other way round") {
    stage.campaign(1).rules.exclude_categories = {"bread"};
  }
  stage.show(Stage::with_ghost(stage.slot(2, 21), 1));
  stage.breaks_only(Rule::ghost_slot);
}

TEST_CASE("anything but the takeover while one holds is counted") {
  Stage stage;
  stage.set_takeover();
  SUBCASE("a campaign") {
    stage.show(1, 11);
  }
  SUBCASE("the house loop") {
    stage.show(0, 91);
  }
  SUBCASE("nothing") {
    stage.in.schedule.house.clear();
    stage.in.schedule.campaigns.clear();
    stage.show(0, 0);
  }
  stage.breaks_only(Rule::takeover_missed);
}

TEST_CASE("a takeover that does not hold is counted") {
  Stage stage;
  stage.set_takeover();
  Takeover& takeover = *stage.in.takeover;
  bool right = false;
  SUBCASE("withdrawn") {
    takeover.withdraw = true;
  }
  SUBCASE("too early") {
    takeover.from_utc = stage.now_ms / 1'000 + 1;
  }
  SUBCASE("too late") {
    takeover.until_utc = stage.now_ms / 1'000;
  }
  SUBCASE("to the second") {
    takeover.from_utc = stage.now_ms / 1'000;
    takeover.until_utc = stage.now_ms / 1'000 + 1;
    right = true;
  }
  SimulatedSlot slot = stage.slot(0, 200);
  if (right) slot.length_ms = 1'000;
  stage.show(slot);
  if (right) {
    stage.is_right();
  } else {
    stage.breaks_only(Rule::takeover_unfounded);
  }
}

TEST_CASE("a takeover shown past its end, or not up to it, is counted") {
  Stage stage;
  stage.set_takeover();
  stage.in.takeover->until_utc = stage.now_ms / 1'000 + 4;
  SimulatedSlot slot = stage.slot(0, 200);
  SUBCASE("past it") {
    slot.length_ms = 10'000;
  }
  SUBCASE("not up to it") {
    slot.length_ms = 3'000;
  }
  stage.show(slot);
  stage.breaks_only(Rule::takeover_end);
}

TEST_CASE("while a takeover's file is missing the schedule goes on") {
  Stage stage;
  stage.set_takeover();
  stage.in.content.eligible.erase(file_of(200));
  stage.show(1, 11);
  stage.is_right();
}

TEST_CASE("one play or ghost more than the numbers owe by tonight is counted") {
  Stage stage;
  SUBCASE("of nothing") {
    stage.set_numbers(1, 0);
    stage.show(1, 11);
    stage.breaks_only(Rule::quota_exceeded);
  }
  SUBCASE("before the first day") {
    stage.set_numbers(1, 9).first_day = kMonday + 1;
    stage.show(1, 11);
    stage.breaks_only(Rule::quota_exceeded);
  }
  SUBCASE("a thousandth is missing") {
    CampaignNumbers& numbers = stage.set_numbers(1, 0);
    numbers.goal_milli = {400, 500};
    numbers.phase = 599;
    stage.show(1, 11);
    stage.breaks_only(Rule::quota_exceeded);
  }
  SUBCASE("the phase makes it whole, yesterday counts") {
    CampaignNumbers& numbers = stage.set_numbers(1, 0);
    numbers.first_day = kMonday - 1;
    numbers.goal_milli = {400, 500};
    numbers.phase = 100;
    stage.show(1, 11);
    stage.is_right();
  }
  SUBCASE("a ghost") {
    stage.set_numbers(1, 1, Arm::control);
    stage.show(Stage::with_ghost(stage.slot(2, 21), 1));
    stage.show(Stage::with_ghost(stage.slot(2, 22), 1));
    stage.breaks_only(Rule::quota_exceeded);
  }
}

TEST_CASE("a day that ends with a play owed, though nothing stood in its way, is counted") {
  Stage stage;
  stage.set_numbers(1, 0).goal_milli = {0, 3'000};
  // Wednesday is no day of a flight any more.
  stage.campaign(2).flights.front().last_day = kMonday + 2;
  stage.now_ms = (kMonday + 1) * kDay_ms - 20'000;
  const auto play_tuesday = [&](int plays) {
    for (int i = 0; stage.now_ms < (kMonday + 2) * kDay_ms; ++i) {
      if (i % 2 == 0 && i / 2 >= 1 && i / 2 <= plays) {
        stage.show(1, 11);
      } else {
        stage.show(2, i % 2 == 0 ? 21 : 22);
      }
    }
    stage.show(2, 21);
  };
  SUBCASE("two of three") {
    play_tuesday(2);
    stage.breaks_only(Rule::quota_missed);
  }
  SUBCASE("three of three") {
    play_tuesday(3);
    stage.is_right();
    CHECK(stage.checker.seen().quota_days == 1);
  }
  SUBCASE("a rule stood in its way") {
    stage.campaign(1).rules.separation_s = 10;
    play_tuesday(2);
    stage.is_right();
  }
  SUBCASE("the files were changed") {
    stage.show(2, 21);
    stage.show(2, 22);
    stage.show(2, 21);
    stage.show(2, 22);
    stage.put_in_force();
    play_tuesday(2);
    stage.is_right();
  }
}

TEST_CASE("an idle slot is counted when anybody was allowed") {
  Stage stage;
  stage.in.schedule.house.clear();
  stage.in.schedule.campaigns.resize(1);
  SUBCASE("a campaign") {
    stage.show(0, 0);
    stage.breaks_only(Rule::idle);
  }
  SUBCASE("a campaign with a play owed") {
    stage.set_numbers(1, 1);
    stage.show(0, 0);
    stage.breaks_only(Rule::idle);
  }
  SUBCASE("the house loop") {
    stage.in.schedule.campaigns.clear();
    stage.in.schedule.house = {91};
    stage.show(0, 0);
    stage.breaks_only(Rule::idle);
  }
  SUBCASE("what was shown just now") {
    stage.flight().creatives.pop_back();
    stage.show(1, 11);
    stage.show(0, 0);
    stage.breaks_only(Rule::idle);
  }
  SUBCASE("not when its quota is met") {
    stage.set_numbers(1, 0);
    stage.show(0, 0);
    stage.is_right();
  }
  SUBCASE("not when its files are missing") {
    stage.in.content.eligible.clear();
    stage.show(0, 0);
    stage.is_right();
  }
  SUBCASE("not for a control arm") {
    stage.set_numbers(1, 1, Arm::control);
    stage.show(0, 0);
    stage.is_right();
  }
  SUBCASE("even where a ghost would leave the slot to none of them: then it waits") {
    stage.add_campaign(2, "cars");
    stage.set_numbers(1, 1, Arm::control);
    stage.show(0, 0);
    stage.breaks_only(Rule::idle);
  }
}

TEST_CASE("a lower class is counted while a higher one was allowed") {
  Stage stage;
  SUBCASE("the house loop") {
    stage.show(0, 91);
  }
  SUBCASE("remnant") {
    stage.campaign(1).klass = CampaignClass::remnant;
    stage.show(1, 11);
  }
  SUBCASE("a house campaign") {
    stage.campaign(1).klass = CampaignClass::house;
    stage.campaign(2).klass = CampaignClass::remnant;
    stage.show(1, 11);
  }
  SUBCASE("the house loop before a house campaign") {
    stage.campaign(1).klass = CampaignClass::house;
    stage.campaign(2).klass = CampaignClass::house;
    stage.show(0, 91);
  }
  SUBCASE("in the slot of a ghost") {
    stage.set_numbers(1, 1, Arm::control);
    stage.show(Stage::with_ghost(stage.slot(0, 91), 1));
  }
  stage.breaks_only(Rule::class_order);
}

TEST_CASE("guaranteed and share are one class, and a quota waits for its turn") {
  Stage stage;
  stage.campaign(1).klass = CampaignClass::guaranteed;
  stage.show(2, 21);
  SUBCASE("what was shown may wait for the house loop") {
    stage.in.schedule.campaigns.erase(stage.in.schedule.campaigns.begin());
    stage.in.schedule.campaigns.front().flights.front().creatives.pop_back();
    stage.put_in_force();
    stage.show(0, 91);
  }
  SUBCASE("a quota") {
    stage.set_numbers(1, 9);
    stage.set_numbers(2, 9);
    stage.put_in_force();
    stage.show(0, 91);
  }
  stage.is_right();
}

TEST_CASE("the same creative again is counted while there was another") {
  Stage stage;
  SUBCASE("of its own campaign") {
    stage.in.schedule.campaigns.resize(1);
    stage.in.schedule.house.clear();
  }
  SUBCASE("of another campaign") {
    stage.flight().creatives.pop_back();
    stage.in.schedule.house.clear();
  }
  SUBCASE("of the house loop") {
    stage.in.schedule.campaigns.resize(1);
    stage.flight().creatives.pop_back();
  }
  stage.show(1, 11);
  stage.show(1, 11);
  stage.breaks_only(Rule::repeat);
}

TEST_CASE("the same creative again is right where there is no other") {
  Stage stage;
  stage.in.schedule.campaigns.resize(1);
  stage.in.schedule.house.clear();
  stage.flight().creatives.pop_back();
  stage.show(1, 11);
  stage.show(1, 11);
  stage.is_right();
}

TEST_CASE("a decision that says another kind, arm or phase than the documents is counted") {
  Stage stage;
  stage.set_numbers(1, 9, Arm::treated);
  SimulatedSlot slot = stage.slot(1, 11);
  SUBCASE("kind") {
    slot.decision.kind = PlayKind::house;
  }
  SUBCASE("arm") {
    slot.decision.arm = Arm::none;
  }
  SUBCASE("phase") {
    slot.decision.flight_phase = FlightPhase::burst;
  }
  stage.show(slot);
  stage.breaks_only(Rule::record);
}

TEST_CASE("each broken rule is counted, the first is told") {
  Stage stage;
  stage.campaign(1).rules.separation_s = 60;
  stage.campaign(1).rules.daily_cap = 1;
  stage.show(1, 11);
  stage.show(1, 11);
  CHECK(stage.checker.violations(Rule::separation) == 1);
  CHECK(stage.checker.violations(Rule::daily_cap) == 1);
  CHECK(stage.checker.violations(Rule::repeat) == 1);
  CHECK(stage.checker.violations() == 3);
  CHECK(stage.checker.first() == "slot 2, 2024-06-03T12:00:10Z, separation: campaign 1");
}
