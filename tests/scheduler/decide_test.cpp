#include "scheduler/decide.hpp"

#include <doctest/doctest.h>

#include <map>

#include "world.hpp"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("with nothing but a house loop its creatives come round in order") {
  World world;
  for (const CreativeId id : {900u, 901u, 902u}) world.add_house(id);
  std::vector<CreativeId> shown;
  for (int i = 0; i < 6; ++i) {
    const Decision decision = world.step();
    CHECK(decision.kind == PlayKind::house);
    CHECK(decision.reason == Reason::house_fill);
    shown.push_back(decision.creative);
  }
  CHECK(shown == std::vector<CreativeId>{900, 901, 902, 900, 901, 902});
}

TEST_CASE("a house loop that names a creative twice still comes to its end") {
  World world;
  for (const CreativeId id : {900u, 901u, 902u}) world.add_house(id);
  world.schedule.house = {900, 901, 900, 902};
  std::vector<CreativeId> shown;
  for (int i = 0; i < 8; ++i) shown.push_back(world.step().creative);
  CHECK(shown == std::vector<CreativeId>{900, 901, 900, 902, 900, 901, 900, 902});
}

TEST_CASE("the only playable creative repeats; with anything else at hand it does not") {
  World world;
  world.add_campaign(1, 1, 1);
  CHECK(world.step().creative == 10);
  CHECK(world.step().creative == 10);
  world.add_house(900);
  const Explained fill = world.step_explained();
  CHECK(fill.decision.creative == 900);
  CHECK(world.rejected(fill, 1) == Reason::just_shown);
  CHECK(world.step().creative == 10);
}

TEST_CASE("content that is absent, rejected or quarantined is never chosen, and each says why") {
  World world;
  world.add_campaign(1, 1, 1);
  world.add_campaign(2, 1, 1);
  world.add_campaign(3, 1, 1);
  world.add_house(900);
  world.input.content.eligible.erase(content_of(10));
  world.input.content.rejected.insert(content_of(20));
  world.input.content.quarantined.insert(content_of(30));
  const Explained decision = world.step_explained();
  CHECK(decision.decision.creative == 900);
  CHECK(world.rejected(decision, 1) == Reason::content_absent);
  CHECK(world.rejected(decision, 2) == Reason::content_rejected);
  CHECK(world.rejected(decision, 3) == Reason::quarantined);
}

TEST_CASE("with nothing to show the answer is no, with every reason") {
  World world;
  world.add_campaign(1, 1, 1);
  world.input.content.eligible.clear();
  const Explained decision = world.explain();
  CHECK_FALSE(decision.decision.playable);
  CHECK(decision.decision.ghosts.empty());
  CHECK(world.rejected(decision, 1) == Reason::content_absent);
}

TEST_CASE("separation, hourly cap, daily cap and the contract's plays a day each hold") {
  World world;
  Campaign& campaign = world.add_campaign(1, 1);
  world.add_house(900);
  world.add_house(901);

  SUBCASE("separation is from start to start") {
    campaign.rules.separation_s = 30;
    CHECK(world.step().campaign == 1);
    CHECK(world.rejected(world.step_explained(), 1) == Reason::separation);
    CHECK(world.step().campaign == 0);
    CHECK(world.step().campaign == 1);
  }
  SUBCASE("a separation of three slots takes three, though their flips come a little early") {
    campaign.rules.separation_s = 30;
    CHECK(world.step().campaign == 1);
    world.step();
    world.step();
    world.seam().boottime -= 40;
    CHECK(world.ask().campaign == 1);
    world.seam().boottime -= 50 * kMillisecond;
    CHECK(world.ask().campaign != 1);
  }
  SUBCASE("hourly cap ends with the local hour") {
    campaign.rules.hourly_cap = 2;
    int plays = 0;
    for (int i = 0; i < 360; ++i) plays += world.step().campaign == 1 ? 1 : 0;
    CHECK(plays == 2);
    CHECK(world.step().campaign == 1);
  }
  SUBCASE("daily cap ends with the local day") {
    campaign.rules.daily_cap = 3;
    int plays = 0;
    Explained last;
    for (int i = 0; i < 12 * 360; ++i) {
      last = world.step_explained();
      plays += last.decision.campaign == 1 ? 1 : 0;
    }
    CHECK(plays == 3);
    CHECK(world.rejected(last, 1) == Reason::daily_cap);
    CHECK(world.step().campaign == 1);
  }
  SUBCASE("max_plays_day bounds like a daily cap") {
    campaign.max_plays_day = 1;
    world.step();
    CHECK(world.rejected(world.step_explained(), 1) == Reason::daily_cap);
  }
  SUBCASE("an item on its way to the glass counts already") {
    campaign.rules.daily_cap = 1;
    world.input.question.pending.push_back({1, 10, world.seam().boottime, kMonday, 12, false});
    CHECK(world.rejected(world.step_explained(), 1) == Reason::daily_cap);
  }
}

TEST_CASE("a competitor of the play before waits, whichever of the two names the other") {
  World world;
  Campaign& cola = world.add_campaign(1, 1);
  cola.category = "cola";
  cola.rules.exclude_categories = {"soda"};
  Campaign& soda = world.add_campaign(2, 1);
  soda.category = "soda";
  world.add_house(900);
  world.add_house(901);
  for (const auto& [before, barred] : {std::pair{1u, 2u}, std::pair{2u, 1u}}) {
    world.input.history.recent.clear();
    world.remember(before, 10 * before);
    CHECK(world.rejected(world.explain(), barred) == Reason::competitor);
  }
}

TEST_CASE("house fills after every paid class, remnant after share") {
  World world;
  world.add_campaign(1, 1, 1).klass = CampaignClass::remnant;
  world.add_campaign(2, 1, 1).klass = CampaignClass::share;
  world.add_campaign(3, 1, 1).klass = CampaignClass::house;
  CHECK(world.step().campaign == 2);
  CHECK(world.step().campaign == 1);
  world.schedule.campaigns[0].flights.clear();
  world.schedule.campaigns[1].flights.clear();
  const Decision house = world.step();
  CHECK(house.campaign == 3);
  CHECK(house.kind == PlayKind::house);
}

TEST_CASE("without a clock only what needs no calendar plays") {
  World world;
  world.seam().trust = ClockTrust::none;
  world.add_campaign(1, 1);
  world.add_house(900);
  world.add_house(901);
  CHECK(world.rejected(world.step_explained(), 1) == Reason::clock_untrusted);
  Campaign& timeless = world.add_campaign(2, 1);
  timeless.flights[0].first_day = 0;
  timeless.flights[0].last_day = days_from_civil({9999, 12, 31});
  CHECK(world.step().campaign == 2);
  SUBCASE("a daypart needs a calendar") {
    world.schedule.campaigns[1].dayparts.emplace_back();
    CHECK(world.rejected(world.step_explained(), 2) == Reason::clock_untrusted);
  }
  SUBCASE("a daily cap needs a calendar") {
    world.schedule.campaigns[1].rules.daily_cap = 5;
    CHECK(world.rejected(world.step_explained(), 2) == Reason::clock_untrusted);
  }
}

TEST_CASE("numbers: what an hour holds of a quota is played at equal distances, and then rests") {
  World world;
  for (const CampaignId id : {1u, 2u}) {
    Campaign& campaign = world.add_campaign(id, 1);
    Daypart noon;
    noon.from_minute = 12 * 60;
    noon.until_minute = 13 * 60;
    campaign.dayparts = {noon};
  }
  world.add_house(900);
  world.add_house(901);
  world.numbers.campaigns = {{1, kMonday, {3'000}, 0, 0, Arm::treated, {}},
                             {2, kMonday, {1'500}, 0, 600, Arm::treated, {}}};
  world.input.documents.numbers = &world.numbers;
  std::vector<std::pair<int, CampaignId>> order;
  for (int slot = 0; slot < 360; ++slot) {
    const Explained answer = world.step_explained();
    const Decision& decision = answer.decision;
    if (slot == 60) {
      CHECK(decision.reason == Reason::house_fill);
      CHECK(world.rejected(answer, 1) == Reason::paced);
    }
    if (slot == 359) {
      CHECK(world.rejected(answer, 1) == Reason::quota_met);
      CHECK(world.rejected(answer, 2) == Reason::quota_met);
    }
    if (decision.campaign == 0) continue;
    CHECK(decision.reason == Reason::quota_due);
    CHECK(decision.arm == Arm::treated);
    order.emplace_back(slot, decision.campaign);
  }
  CHECK(order ==
        std::vector<std::pair<int, CampaignId>>{{0, 1}, {1, 2}, {120, 1}, {180, 2}, {240, 1}});
}

TEST_CASE("numbers: the hours that are worth most are filled first, up to the separation") {
  World world;
  Campaign& campaign = world.add_campaign(1, 1);
  campaign.rules.separation_s = 600;
  world.add_house(900);
  world.add_house(901);
  for (auto& hour : world.profile.hours) {
    hour.share[0] = 10'000;
    hour.footfall = 100;
    hour.dwell_ms = 30'000;
  }
  world.profile.hours[15].footfall = 900;  // Monday, 15:00
  world.profile.hours[18].footfall = 500;
  world.input.documents.profile = &world.profile;
  world.numbers.campaigns = {{1, kMonday, {9'000}, 0, 0, Arm::treated, {}}};
  world.input.documents.numbers = &world.numbers;
  std::map<int, int> by_hour;
  for (int slot = 0; slot < 12 * 360; ++slot) {
    const int hour = local_time({}, world.utc_s()).second / 3'600;
    if (world.step().campaign == 1) ++by_hour[hour];
  }
  CHECK(by_hour == std::map<int, int>{{15, 6}, {18, 3}});
}

TEST_CASE("numbers: a crowd that is there now draws plays into the hour, but no experiment's") {
  for (const Arm arm : {Arm::none, Arm::treated}) {
    World world;
    world.add_campaign(1, 1).rules.separation_s = 600;
    world.add_house(900);
    world.add_house(901);
    for (auto& hour : world.profile.hours) {
      hour.share[0] = 10'000;
      hour.footfall = 100;
      hour.dwell_ms = 30'000;
    }
    world.profile.hours[20].footfall = 150;
    world.input.documents.profile = &world.profile;
    world.numbers.campaigns = {{1, kMonday, {6'000}, 0, 0, arm, {}}};
    world.input.documents.numbers = &world.numbers;
    CHECK(world.rejected(world.explain(), 1) == Reason::paced);
    world.input.question.live_q4 = 32;
    const Decision crowded = world.ask();
    CHECK((crowded.reason == Reason::live_boost) == (arm == Arm::none));
  }
}

TEST_CASE("numbers: a house loop of one item follows itself rather than a play coming too early") {
  World world;
  world.add_campaign(1, 1);
  world.add_house(900);
  world.numbers.campaigns = {{1, kMonday, {12'000}, 0, 0, Arm::none, {}}};
  world.input.documents.numbers = &world.numbers;
  for (int slot = 0; slot < 360; ++slot) CHECK((world.step().campaign == 1) == (slot == 0));
}

TEST_CASE("numbers: with nothing else to show the next play comes ahead of its turn") {
  World world;
  world.add_campaign(1, 1);
  world.numbers.campaigns = {{1, kMonday, {4'000}, 0, 0, Arm::none, {}}};
  world.input.documents.numbers = &world.numbers;
  for (int i = 0; i < 4; ++i) CHECK(world.step().campaign == 1);
  CHECK_FALSE(world.step().playable);
}

TEST_CASE("a control screen logs the ghost and gives the slot to nobody related") {
  World world;
  world.add_campaign(1, 1).category = "phones";
  world.add_campaign(2, 1).category = "phones";
  world.add_campaign(3, 1).category = "bread";
  world.add_house(900);
  Daypart noon;
  noon.from_minute = 12 * 60;
  noon.until_minute = 14 * 60;
  world.schedule.campaigns[0].dayparts = {noon};
  world.numbers.campaigns = {{1, kMonday, {2'000}, 0, 0, Arm::control, {}}};
  world.input.documents.numbers = &world.numbers;
  const Decision decision = world.step();
  CHECK(decision.campaign == 3);
  CHECK(decision.reason == Reason::experiment_fill);
  REQUIRE(decision.ghosts.size() == 1);
  CHECK(decision.ghosts[0].campaign == 1);
  std::size_t ghosts = 1;
  for (int i = 0; i < 2 * 360; ++i) {
    const Decision next = world.step();
    REQUIRE(next.campaign != 1);
    ghosts += next.ghosts.size();
  }
  CHECK(ghosts == 2);  // they consumed the quota
}

TEST_CASE("a ghost whose slot only its kin could fill waits, and the glass is not left black") {
  World world;
  for (const CampaignId id : {1u, 2u}) world.add_campaign(id, 1).category = "phones";
  Daypart noon;
  noon.from_minute = 12 * 60;
  noon.until_minute = 13 * 60;
  world.schedule.campaigns[0].dayparts = {noon};
  world.numbers.campaigns = {{1, kMonday, {9'000}, 0, 0, Arm::control, {}}};
  world.input.documents.numbers = &world.numbers;
  for (int i = 0; i < 100; ++i) {
    const Decision decision = world.step();
    CHECK(decision.campaign == 2);
    CHECK(decision.ghosts.empty());
  }
  world.add_house(900);
  CHECK(world.step().ghosts.size() == 1);
}

TEST_CASE("the variant of the hour's largest group is shown, the first to everybody else") {
  World world;
  world.add_campaign(1, 1, 1);
  Creative& creative = world.schedule.creatives.front();
  creative.variants = {{1, {}, content_of(10)}, {2, {3}, content_of(500)}};
  world.input.content.eligible.insert(content_of(500));
  CHECK(world.ask().variant == 1);
  world.profile.hours[12].share[3] = 6'000;  // Monday, 12:00
  world.profile.hours[12].share[4] = 4'000;
  world.input.documents.profile = &world.profile;
  CHECK(world.ask().variant == 2);
  CHECK(world.ask().content == content_of(500));
  world.pass(3'600);
  CHECK(world.ask().variant == 1);
  world.pass(-3'600);
  world.input.content.eligible.erase(content_of(500));
  CHECK(world.ask().variant == 1);
}

TEST_CASE("a takeover rules while it is valid and not one second longer") {
  World world;
  world.add_campaign(1, 1);
  world.takeover.creative = 700;
  world.takeover.creatives.push_back({700, "evacuate", 5'000, false, {{7, {}, content_of(700)}}});
  world.takeover.from_utc = kNoon;
  world.takeover.until_utc = kNoon + 60;
  world.input.documents.takeover = &world.takeover;
  world.input.content.eligible.insert(content_of(700));
  for (int i = 0; i < 6; ++i) {
    const Decision decision = world.step();
    CHECK(decision.kind == PlayKind::takeover);
    CHECK(decision.creative == 700);
  }
  CHECK(world.step().campaign == 1);
  world.pass(-60);
  world.takeover.withdraw = true;
  CHECK(world.step().campaign == 1);
}

TEST_CASE("a takeover has variants as well") {
  World world;
  world.add_campaign(1, 1);
  world.takeover.creative = 700;
  world.takeover.creatives.push_back(
      {700, "evacuate", 5'000, false, {{7, {}, content_of(700)}, {8, {3}, content_of(701)}}});
  world.input.documents.takeover = &world.takeover;
  world.input.content.eligible = {content_of(10), content_of(701)};
  world.profile.hours[12].share[3] = 10'000;  // Monday, 12:00
  CHECK(world.ask().campaign == 1);
  world.input.documents.profile = &world.profile;
  CHECK(world.ask().kind == PlayKind::takeover);
  CHECK(world.ask().variant == 8);
}

TEST_CASE("the runner-up is what would have been shown instead") {
  World world;
  world.add_campaign(1, 3, 1);
  world.add_campaign(2, 1, 1);
  const Decision decision = world.ask();
  CHECK(decision.creative == 10);
  CHECK(decision.runner_up == 20);
}

TEST_CASE("numbers in force that do not name a guaranteed campaign have no plays for it here") {
  World world;
  world.add_campaign(1, 1).klass = CampaignClass::guaranteed;
  world.add_campaign(2, 1).klass = CampaignClass::share;
  CHECK(world.ask().campaign == 1);  // without numbers it shares
  world.input.documents.numbers = &world.numbers;
  const Explained answer = world.explain();
  CHECK(answer.decision.campaign == 2);
  CHECK(world.rejected(answer, 1) == Reason::quota_met);
}

TEST_CASE("first and last: among paid plays in a row, which house plays set apart") {
  World world;
  for (const CampaignId id : {1u, 2u, 3u}) world.add_campaign(id, 1);
  Campaign& first = world.schedule.campaigns[0];
  Campaign& last = world.schedule.campaigns[1];
  world.add_house(900);
  world.add_house(901);
  first.rules.position = SlotPosition::first;
  last.rules.position = SlotPosition::last;
  first.rules.separation_s = last.rules.separation_s = 120;
  CampaignId before = 0;
  std::map<CampaignId, int> plays;
  for (int i = 0; i < 400; ++i) {
    const Explained answer = world.step_explained();
    const CampaignId now = answer.decision.campaign;
    if (now == 1) CHECK(before == 0);
    if (before == 2) {
      CHECK(now == 0);
      CHECK(world.rejected(answer, 3) == Reason::position);
    }
    before = now;
    ++plays[now];
  }
  CHECK(plays[1] > 10);
  CHECK(plays[2] > 10);
  SUBCASE("where no house play can follow, last never comes") {
    world.schedule.house.clear();
    for (int i = 0; i < 50; ++i) CHECK(world.step().campaign != 2);
  }
}

TEST_CASE("a daypart's end cuts the play if its campaign says so, else lets it finish") {
  World world;
  Campaign& campaign = world.add_campaign(1, 1);
  Daypart morning;
  morning.from_minute = 6 * 60;
  morning.until_minute = 12 * 60 + 1;
  campaign.dayparts = {morning};
  world.add_house(900);
  world.pass(56);  // four seconds before the end, for a play of ten
  CHECK(world.ask().campaign == 1);
  CHECK(world.ask().most_ms == 0);
  campaign.rules.daypart_end = DaypartEnd::cut;
  CHECK(world.ask().most_ms == 4'000);
  CHECK(world.ask().most_cause == CutCause::daypart_end);
  SUBCASE("where another daypart goes on there is no end") {
    Daypart day;
    day.from_minute = 12 * 60;
    day.until_minute = 18 * 60;
    campaign.dayparts.push_back(day);
    CHECK(world.ask().most_ms == 6 * 3'600'000 - 56'000);
  }
  SUBCASE("for less than a second it does not begin") {
    world.seam().utc_ms += 3'500;
    const Explained answer = world.explain();
    CHECK(answer.decision.campaign == 0);
    CHECK(world.rejected(answer, 1) == Reason::outside_daypart);
  }
  SUBCASE("the flight's last midnight is an end as well") {
    campaign.dayparts.clear();
    campaign.flights[0].last_day = kMonday;
    world.pass(12 * 3'600 - 60);
    CHECK(world.ask().most_ms == 4'000);
  }
}

TEST_CASE("a separation of hours is kept, however many plays lie between") {
  World world;
  world.add_campaign(1, 1).rules.separation_s = 6 * 3'600;
  world.add_campaign(2, 1);
  std::vector<std::int64_t> at;
  for (std::int64_t i = 0; i < 13 * 360; ++i) {
    if (world.step().campaign == 1) at.push_back(i * 10);
  }
  CHECK(at == std::vector<std::int64_t>{0, 6 * 3'600, 12 * 3'600});
}
