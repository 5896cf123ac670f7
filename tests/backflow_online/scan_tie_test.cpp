#include "backflow/scan_tie.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "backflow/scan_journal.hpp"
#include "backflow/scan_rates.hpp"
#include "online_kit.hpp"
#include "protocol/play.hpp"
#include "random.hpp"

namespace vitrine {
namespace {

using testing::kToday;
using testing::OnlineStore;
using testing::Random;

constexpr Micros kBucket = kToday / (300 * kSecond) * (300 * kSecond);

Scan scan_at(const std::string& id, Micros at, std::int64_t creative = 11) {
  Scan scan;
  scan.scan_id = id;
  scan.time_us = at;
  scan.device = "lobby-1";
  scan.creative = creative;
  scan.campaign = 41;
  scan.bucket_us = kBucket;
  scan.landing = "coupon";
  scan.state = "pending";
  scan.day = at / kDay;
  return scan;
}
ShownPlay play_at(std::int64_t seq, Micros begin, Micros received = kToday + kHour) {
  return {"lobby-1", -9, seq, 11, 41, begin, kSecond, 7, 1, received};
}
Scan tied(Scan scan, std::vector<ShownPlay> plays, Micros now = kToday + kHour) {
  tie_scans({&scan, 1}, plays, now);
  return scan;
}

TEST_CASE("a scan is tied to the last play of its five minutes that had begun") {
  const Scan scan = scan_at("s", kBucket + 130 * kSecond);
  const Scan done =
      tied(scan, {play_at(1, kBucket + 10 * kSecond), play_at(2, kBucket + 70 * kSecond),
                  play_at(3, kBucket + 131 * kSecond), play_at(4, kBucket - 10 * kSecond)});
  CHECK(done.state == "tied");
  CHECK(done.seq == 2);
  CHECK(done.log_id == -9);
  CHECK(done.area == 7);
  CHECK(done.arm == 1);
  // A code that is scanned from a photograph later is that of its five minutes.
  CHECK(tied(scan_at("late", kBucket + kHour),
             {play_at(1, kBucket + 10 * kSecond), play_at(9, kBucket + kHour - 5 * kSecond)})
            .seq == 1);
}

TEST_CASE("a screen's clock may be off by a minute, and its fix by its error") {
  const Scan scan = scan_at("s", kBucket + 20 * kSecond);
  CHECK(tied(scan, {play_at(1, kBucket - 60 * kSecond)}).state == "tied");
  CHECK(tied(scan, {play_at(1, kBucket - 62 * kSecond)}).state == "pending");
  CHECK(tied(scan, {play_at(1, kBucket + 360 * kSecond)}).state == "tied");
  CHECK(tied(scan, {play_at(1, kBucket + 362 * kSecond)}).state == "pending");
}

TEST_CASE("a play of another screen or creative is never a scan's") {
  ShownPlay other = play_at(1, kBucket);
  other.device = "lobby-2";
  ShownPlay creative = play_at(1, kBucket);
  creative.creative = 12;
  CHECK(tied(scan_at("s", kBucket), {other, creative}).state == "pending");
}

TEST_CASE("a scan waits thirty days for its play, and no longer") {
  const Scan scan = scan_at("s", kBucket + kMinute);
  const Micros until = scan.time_us + 30 * kDay;
  CHECK(tied(scan, {}, until).state == "pending");
  const Scan without = tied(scan, {}, until + 1);
  CHECK(without.state == "rejected");
  CHECK(without.cause == "no_play");
  CHECK(tied(scan, {play_at(1, kBucket, until)}, until + kDay).state == "tied");
  // One that came too late changes nothing, whenever it is looked at.
  CHECK(tied(scan, {play_at(1, kBucket, until + 1)}, until + kDay).state == "rejected");
}

TEST_CASE("no order of scans and plays makes a difference, nor does doing it again") {
  Random random(3);
  for (int round = 0; round < 50; ++round) {
    std::vector<Scan> scans;
    std::vector<ShownPlay> plays;
    for (int i = 0; i < 20; ++i)
      scans.push_back(scan_at("s" + std::to_string(i), kBucket + random.below(600) * kSecond));
    // Some begin at the same moment.
    for (int i = 0; i < 20; ++i)
      plays.push_back(
          play_at(i, kBucket + (static_cast<Micros>(random.below(50)) * 10 - 100) * kSecond));
    std::vector<Scan> first = scans;
    tie_scans(first, plays, kToday);
    for (int again = 0; again < 3; ++again) {
      for (std::size_t i = plays.size(); i > 1; --i)
        std::swap(plays[i - 1], plays[random.below(static_cast<std::uint32_t>(i))]);
      std::vector<Scan> next = again == 2 ? first : scans;
      tie_scans(next, plays, kToday);
      for (std::size_t i = 0; i < next.size(); ++i)
        CHECK(to_sql_row(next[i]) == to_sql_row(first[i]));
    }
  }
}

// What the tie reads of billed_play.
const SqlTable kPlays{"billed_play",
                      {{"device", SqlType::text},
                       {"log_id"},
                       {"seq"},
                       {"kind"},
                       {"day"},
                       {"utc_us", SqlType::maybe_integer},
                       {"error_us", SqlType::maybe_integer},
                       {"area"},
                       {"creative"},
                       {"campaign"},
                       {"arm"},
                       {"play_ms", SqlType::maybe_integer},
                       {"received_at_us"}},
                      {"device", "log_id", "seq"},
                      "day"};

struct Backend : OnlineStore {
  fs::path journal = directory / "scans";
  Backend() { REQUIRE(sql->create(kPlays)); }

  void scanned(const std::vector<Scan>& scans) {
    auto opened = ScanJournal::open(journal);
    REQUIRE(opened);
    for (const Scan& scan : scans) CHECK((*opened)->append(scan));
    (*opened)->append(ScanRefused{"p-1", "forged", 5, kToday, kToday / kDay});
  }
  void played(std::int64_t seq, Micros begin, Micros received, PlayKind kind = PlayKind::play) {
    const SqlRow row{"lobby-1",
                     std::int64_t{-9},
                     seq,
                     static_cast<std::int64_t>(kind),
                     begin / kDay,
                     begin,
                     kSecond,
                     std::int64_t{7},
                     std::int64_t{11},
                     std::int64_t{41},
                     std::int64_t{1},
                     std::int64_t{10'000},
                     received};
    REQUIRE(sql->append(kPlays, {&row, 1}));
  }
  TieReport tie(Micros now) {
    auto report = tie_stored_scans(*sql, journal, now);
    if (!report) FAIL(report.error().message);
    return *report;
  }
};

TEST_CASE("scans of a screen that is three days without a link are all tied when it is back") {
  Backend backend;
  std::vector<Scan> scans;
  for (int i = 0; i < 300; ++i)
    scans.push_back(scan_at("s" + std::to_string(i), kBucket + i * kSecond));
  backend.scanned(scans);
  TieReport report = backend.tie(kToday + kHour);
  CHECK(report.new_scans == 300);
  CHECK(report.by_landing["coupon"].pending == 300);
  CHECK(report.refused["forged"] == 5);
  // Ghosts and misses were on no glass.
  backend.played(1, kBucket, kToday + kMinute, PlayKind::ghost);
  CHECK(backend.tie(kToday + 2 * kHour).by_landing["coupon"].pending == 300);

  for (int i = 0; i < 10; ++i)
    backend.played(10 + i, kBucket + i * 30 * kSecond, kToday + 3 * kDay);
  report = backend.tie(kToday + 3 * kDay + kMinute);
  CHECK(report.new_scans == 0);
  CHECK(report.by_landing["coupon"].tied == 300);
  CHECK(backend.count("scan") == 300);
  CHECK(backend.count("scan WHERE state = 'tied' AND seq >= 10 AND area = 7") == 300);
  const auto rates = scan_rates(*backend.sql, kToday / kDay, kToday / kDay);
  REQUIRE(rates);
  REQUIRE(rates->size() == 1);
  CHECK(rates->front().landing == "coupon");
  CHECK(rates->front().tied == 300);
  CHECK(rates->front().plays == 10);
  CHECK(rates->front().per_mille_milli() == 30'000'000);
  CHECK(report.text() ==
        "300 scans of the last 31 days, 0 new: 300 tied, 0 pending, 0 rejected (no_play); forged "
        "5\n  coupon: 300 scans, 300 tied\n");
}

TEST_CASE("tying again, and a journal that is read again, change nothing") {
  Backend backend;
  backend.scanned({scan_at("a", kBucket + kMinute), scan_at("b", kBucket + kMinute, 12)});
  backend.played(1, kBucket, kToday);
  backend.tie(kToday + kHour);
  const TieReport again = backend.tie(kToday + 2 * kHour);
  CHECK(again.new_scans == 0);
  CHECK(backend.count("scan") == 2);
  CHECK(backend.count("scan WHERE state = 'tied'") == 1);
  CHECK(backend.count("scan_refused") == 1);
  // Long after: what has no play is rejected, what has one stays.
  backend.tie(kToday + 40 * kDay);
  CHECK(backend.count("scan WHERE state = 'rejected' AND cause = 'no_play'") == 1);
  CHECK(backend.count("scan WHERE state = 'tied'") == 1);
}

}  // namespace
}  // namespace vitrine
