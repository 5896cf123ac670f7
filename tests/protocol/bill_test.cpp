#include "protocol/bill.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

#include "random.hpp"

using namespace vitrine;

namespace {

constexpr std::int64_t kFirstDay = 20'788;  // 2026-12-01, a Tuesday
constexpr std::int64_t kLastDay = kFirstDay + 6;
constexpr CampaignId kCampaign = 41;
constexpr CreativeId kCreative = 7;

std::int64_t utc(std::int64_t day, std::int64_t hour, std::int64_t minute = 0,
                 std::int64_t second = 0) {
  return day * kDay + hour * kHour + minute * kMinute + second * kSecond;
}

Hash256 hash_of(std::uint8_t byte) {
  Hash256 hash{};
  hash.fill(byte);
  return hash;
}

// A play that is paid, to be spoilt.
struct Case {
  PlayRow row;
  WallTime wall;
  Campaign campaign;
  Creative creative;
  ZoneTable zone;
  std::int64_t received_at_us = utc(kFirstDay, 13);
  std::int64_t cutoff_us = utc(kLastDay + 7, 0);
  bool duplicate = false;
  bool known_campaign = true, known_creative = true;

  Case() {
    row.campaign = campaign.id = kCampaign;
    row.creative = creative.id = kCreative;
    row.content = hash_of(1);
    row.grade = Grade::presented;
    row.display_bits = kDisplayConnected | kDisplayCrtcOn;
    row.verdict_bits = kVerdictFull | kVerdictThreeQuarters | kVerdictTwoSeconds;
    wall = {utc(kFirstDay, 12), 20'000, TimeQuality::within_second};
    creative.variants = {{.id = 1, .content = hash_of(2)}, {.id = 2, .content = hash_of(1)}};
    campaign.flights = {{FlightPhase::launch, kFirstDay, kLastDay, {{kCreative, 1}}}};
    campaign.dayparts = {{.from_minute = 8 * 60, .until_minute = 22 * 60}};
  }
  Reason bill() const {
    return vitrine::bill(
        row, wall, {known_campaign ? &campaign : nullptr, known_creative ? &creative : nullptr},
        received_at_us, {zone, cutoff_us, duplicate});
  }
};

Reason at(std::int64_t utc_us, std::int64_t error_us = 0) {
  Case play;
  play.wall = {utc_us, error_us, TimeQuality::within_minute};
  return play.bill();
}

struct Fault {
  Reason cause;
  std::function<void(Case&)> spoil;
};
const std::vector<Fault> kFaults = {
    {Reason::bill_grade, [](Case& play) { play.row.grade = Grade::scheduled; }},
    {Reason::bill_dark, [](Case& play) { play.row.display_bits |= kDisplayKnownDark; }},
    {Reason::bill_verdict, [](Case& play) { play.row.verdict_bits &= ~kVerdictFull; }},
    {Reason::bill_hash, [](Case& play) { play.row.content = hash_of(3); }},
    {Reason::bill_hash, [](Case& play) { play.known_creative = false; }},
    {Reason::bill_flight, [](Case& play) { play.campaign.flights[0].last_day = kFirstDay - 1; }},
    {Reason::bill_flight, [](Case& play) { play.campaign.flights[0].creatives[0].creative = 8; }},
    {Reason::bill_clock,
     [](Case& play) {
       play.campaign.dayparts[0].from_minute = 12 * 60;  // it began at noon, to +-20 ms
     }},
    {Reason::bill_quality, [](Case& play) { play.wall.quality = TimeQuality::held; }},
    {Reason::bill_cutoff, [](Case& play) { play.received_at_us = play.cutoff_us + 1; }},
    {Reason::bill_duplicate, [](Case& play) { play.duplicate = true; }},
};

}  // namespace

TEST_CASE("a play as it was bought is paid, and each fault alone names its cause") {
  CHECK(Case().bill() == Reason::none);
  for (const Fault& fault : kFaults) {
    CAPTURE(name_of(fault.cause));
    Case play;
    fault.spoil(play);
    CHECK(play.bill() == fault.cause);
  }
}

TEST_CASE("of several faults the one that comes first in the table is the cause") {
  testing::Random random(40);
  for (int round = 0; round < 20'000; ++round) {
    Case play;
    Reason first = Reason::none;
    for (const Fault& fault : kFaults) {
      if (!random.one_in(3)) continue;
      fault.spoil(play);
      if (first == Reason::none) first = fault.cause;
    }
    REQUIRE(play.bill() == first);
  }
}

TEST_CASE("what nobody bought is not paid, by its kind, whatever else may be said of it") {
  for (const PlayKind kind : {PlayKind::house, PlayKind::takeover, PlayKind::ghost}) {
    Case play;
    play.row.kind = kind;
    CHECK(play.bill() == Reason::bill_kind);
    play.known_campaign = false;
    play.wall = {};
    CHECK(play.bill() == Reason::bill_kind);
    play.row.grade = Grade::scheduled;
    CHECK(play.bill() == Reason::bill_grade);
  }
  Case lease;
  lease.row.kind = PlayKind::lease;
  CHECK(lease.bill() == Reason::none);
}

TEST_CASE("a campaign that the schedule of the row's version does not have approved no file") {
  Case play;
  play.known_campaign = false;
  CHECK(play.bill() == Reason::bill_hash);
}

TEST_CASE("each contract says how much of a play it pays for") {
  Case play;
  play.row.verdict_bits = kVerdictThreeQuarters | kVerdictTwoSeconds;
  CHECK(play.bill() == Reason::bill_verdict);
  play.campaign.bill_verdict = BillVerdict::three_quarters;
  CHECK(play.bill() == Reason::none);
  play.row.verdict_bits = kVerdictTwoSeconds;
  CHECK(play.bill() == Reason::bill_verdict);
  play.campaign.bill_verdict = BillVerdict::two_seconds;
  CHECK(play.bill() == Reason::none);
}

TEST_CASE("a play is inside its daypart for the whole of its clock's error, or it is not paid") {
  CHECK(at(utc(kFirstDay, 8)) == Reason::none);
  CHECK(at(utc(kFirstDay, 8) - 1) == Reason::bill_flight);
  CHECK(at(utc(kFirstDay, 22) - 1) == Reason::none);
  CHECK(at(utc(kFirstDay, 22)) == Reason::bill_flight);
  CHECK(at(utc(kFirstDay, 8, 0, 30), 30 * kSecond) == Reason::none);
  CHECK(at(utc(kFirstDay, 8, 0, 30), 30 * kSecond + 1) == Reason::bill_clock);
  CHECK(at(utc(kFirstDay, 21, 59, 29), 30 * kSecond) == Reason::none);
  CHECK(at(utc(kFirstDay, 21, 59, 30), 30 * kSecond) == Reason::bill_clock);
}

TEST_CASE("without any time, or with one that is half a day out, it is the clock") {
  Case play;
  play.campaign.dayparts.clear();
  play.wall.quality = TimeQuality::none;
  CHECK(play.bill() == Reason::bill_clock);
  play.wall = {utc(kFirstDay + 3, 12), 12 * kHour, TimeQuality::held};
  CHECK(play.bill() == Reason::bill_quality);
  ++play.wall.error_us;
  CHECK(play.bill() == Reason::bill_clock);
}

TEST_CASE("a minute's pause that lies within the error counts") {
  Case play;
  play.campaign.dayparts = {{.from_minute = 480, .until_minute = 720},
                            {.from_minute = 721, .until_minute = 1320}};
  play.wall = {utc(kFirstDay, 12, 1), 3 * kHour, TimeQuality::held};
  CHECK(play.bill() == Reason::bill_clock);
  play.campaign.dayparts[1].from_minute = 720;
  CHECK(play.bill() == Reason::bill_quality);
}

TEST_CASE("an hour after midnight belongs to the day on which its daypart began") {
  Case play;
  play.campaign.dayparts = {{.from_minute = 22 * 60, .until_minute = 2 * 60}};
  play.wall.utc_us = utc(kLastDay + 1, 1);
  CHECK(play.bill() == Reason::none);
  play.wall.utc_us = utc(kFirstDay, 1);
  CHECK(play.bill() == Reason::bill_flight);
}

TEST_CASE("days and hours are the screen's, also where its clocks change") {
  Case play;
  play.zone.transitions = {{utc(kFirstDay, 0) / kSecond - 1'000'000, 8 * 3600},
                           {utc(kFirstDay, 4) / kSecond, 7 * 3600}};
  play.wall.utc_us = utc(kFirstDay, 0);  // 08:00 there
  play.wall.error_us = 0;
  CHECK(play.bill() == Reason::none);
  play.wall.utc_us = utc(kFirstDay, 14, 59);  // 21:59 by the new offset
  CHECK(play.bill() == Reason::none);
  play.wall.utc_us = utc(kFirstDay, 15);
  CHECK(play.bill() == Reason::bill_flight);
}

TEST_CASE("a creative is paid in the phases that fly it, and in no other") {
  Case play;
  play.campaign.flights = {
      {FlightPhase::warm_up, kFirstDay, kFirstDay + 1, {{9, 1}}},
      {FlightPhase::launch, kFirstDay + 2, kLastDay, {{9, 1}, {kCreative, 3}}}};
  CHECK(play.bill() == Reason::bill_flight);
  play.wall.utc_us += 2 * kDay;
  CHECK(play.bill() == Reason::none);
}

TEST_CASE("the cut-off is the last moment at which a play may be received") {
  Case play;
  play.received_at_us = play.cutoff_us;
  CHECK(play.bill() == Reason::none);
  play.cutoff_us = kAbsent;
  play.received_at_us = utc(kLastDay + 1'000, 0);
  CHECK(play.bill() == Reason::none);
}
