#include "backflow/billing.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>

#include "billing/bill_play.hpp"
#include "billing/money.hpp"
#include "billing/prices.hpp"
#include "billing_world.hpp"
#include "platform/sqlite.hpp"

namespace vitrine {
namespace {

using billing::Money;
using billing::read_prices;
using testing::BillingWorld;

constexpr std::int64_t kDecember = 12 * 2026 + 11;
constexpr std::int64_t kAllClosed = (BillingWorld::kFirstDay + 60) * kDay;

BillingOutcome bill(const BillingConfig& config, bool close = false,
                    std::int64_t now = BillingWorld::kFirstDay * kDay) {
  auto outcome = run_billing(config, close, now);
  INFO((outcome ? "" : outcome.error().message));
  REQUIRE(outcome);
  return *std::move(outcome);
}

BillStatement december(const BillingConfig& config) {
  auto statement = make_statement(config, BillingWorld::kCampaign, kDecember, kAllClosed);
  INFO((statement ? "" : statement.error().message));
  REQUIRE(statement);
  return *std::move(statement);
}

std::string told(const std::map<Reason, std::int64_t>& by_cause) {
  std::string text;
  for (const auto& [cause, count] : by_cause)
    text += std::string(name_of(cause)) + " " + std::to_string(count) + " ";
  return text;
}

void shuffle(std::vector<SpoolRecord>& records, testing::Random& random) {
  for (std::size_t i = records.size(); i > 1; --i)
    std::swap(records[i - 1], records[random.below(static_cast<std::uint32_t>(i))]);
}

std::vector<SpoolRecord> network(BillingWorld& world, testing::Random* random) {
  std::vector<SpoolRecord> records;
  for (int screen = 1; screen <= 3; ++screen) {
    // Three days, a play every three minutes.
    const auto log = world.log_of(screen, 1440, 180 * kSecond, random);
    records.insert(records.end(), log.begin(), log.end());
  }
  return records;
}

// The payable amount as the statement has it.
std::string payable(const BillStatement& statement) {
  const auto at = statement.json.find("\"payable\":\"");
  REQUIRE(at != std::string::npos);
  return statement.json.substr(at + 11, statement.json.find('"', at + 11) - at - 11);
}

TEST_CASE("2.50 a thousand times 30.3 impressions is 0.07575, to the last digit") {
  const auto prices =
      read_prices("campaign,per,price,currency,cutoff_days,goal,burl\n41,mille,2.50,EUR,7,,\n");
  REQUIRE(prices);
  const auto amount = billing::amount_of(prices->at(41), 30'300, kAbsent);
  CHECK(amount.pico == 75'750'000'000);
  CHECK(Money(amount.pico).text() == "0.075750000000");
}

TEST_CASE("sums of money carry, also below zero, and take more than 64 bits of their last digit") {
  Money sum;
  for (int i = 0; i < 1000; ++i) sum.add(INT64_MAX);
  CHECK(sum.text() == "9223372036.854775807000");
  CHECK(Money(-1).text() == "-0.000000000001");
  CHECK(Money(-1'000'000).text() == "-0.000001000000");
  Money none = Money(-75'750'000'001);
  CHECK(none.text() == "-0.075750000001");
  none.add(Money(75'750'000'001));
  CHECK(none == Money());
  testing::Random random(3);
  Money forward, back;
  std::vector<std::int64_t> parts;
  for (int i = 0; i < 2000; ++i) parts.push_back(static_cast<std::int64_t>(random.next()) / 4);
  for (const std::int64_t part : parts) forward.add(part);
  std::reverse(parts.begin(), parts.end());
  for (const std::int64_t part : parts) back.add(Money(part));
  CHECK(forward == back);
}

TEST_CASE("a line of prices that breaks a rule is named, with what was expected") {
  const std::string first = "campaign,per,price,currency,cutoff_days,goal,burl\n";
  const auto complaint = [&](const std::string& line) {
    const auto read = read_prices(first + "1,play,0.1,EUR,7,,\n" + line);
    return read ? std::string() : read.error().message;
  };
  CHECK(complaint("41,mille,2.50,EUR,7,,https://x.example/a,b\r\n") == "");
  CHECK(complaint("0,mille,2.50,EUR,7,,") == "line 3: a campaign expected, found '0'");
  CHECK(complaint("41,mile,2.50,EUR,7,,").find("line 3: mille, mille-target or play") == 0);
  for (const char* price : {"-1", "1.2345678", "1,5", "", ".", "1.", "1e3", "100001", "NaN", " 1"})
    CHECK(complaint("41,mille," + std::string(price) + ",EUR,7,,") != "");
  CHECK(complaint("41,mille,2.50,eur,7,,").find("a currency") != std::string::npos);
  CHECK(complaint("41,mille,2.50,EUR,7,,ftp://x").find("https") != std::string::npos);
  CHECK(complaint("1,mille,2.50,EUR,7,,").find("each campaign once") != std::string::npos);
  CHECK(complaint("41,mille").find("seven fields") != std::string::npos);
  CHECK_FALSE(read_prices("campaign;per\n"));
}

TEST_CASE("every stored play is billable or has one cause, by the fault it was given") {
  BillingWorld world;
  testing::Random random(11);
  auto records = network(world, &random);
  world.load(records);
  const BillingOutcome outcome = bill(world.config());
  CHECK(outcome.rows == 3 * 1440);
  CHECK(told(outcome.by_cause) == told(world.expected));
  CHECK(outcome.missing.empty());
  CHECK(outcome.unknown_time > 0);
  const auto books = reconcile(world.config());
  REQUIRE(books);
  CHECK(books->holds());
  CHECK(books->stored == 3 * 1440);
  CHECK(books->billed == books->stored);
  CHECK(told(books->by_cause) == told(world.expected));
}

// VITRINE_BILL_PLAYS=10000000 is the size of a night.
TEST_CASE("a large network with every fault closes its books exactly, within its memory") {
  constexpr int kPlays = 4'000;  // of a screen
  const char* wanted = std::getenv("VITRINE_BILL_PLAYS");
  const int screens = std::max(5, (wanted == nullptr ? 0 : std::atoi(wanted)) / kPlays);
  BillingWorld world(screens);
  testing::Random random(77);
  std::vector<SpoolRecord> records;
  for (int screen = 1; screen <= screens; ++screen) {
    auto log = world.log_of(screen, kPlays, 60 * kSecond, &random);
    for (std::size_t i = 0; i < log.size(); i += 9) records.push_back(log[i]);  // sent twice
    records.insert(records.end(), log.begin(), log.end());
    if (records.size() < 20'000 && screen != screens) continue;
    world.load(records);
    records.clear();
  }
  const auto start = std::chrono::steady_clock::now();
  const BillingOutcome outcome = bill(world.config(), true, kAllClosed);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - start);
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  CHECK(outcome.rows == std::int64_t{screens} * kPlays);
  CHECK(told(outcome.by_cause) == told(world.expected));
  const auto books = reconcile(world.config());
  REQUIRE(books);
  CHECK(books->holds());
  CHECK(told(books->by_cause) == told(world.expected));
  CHECK(books->closed_days >= 3);
  CHECK(usage.ru_maxrss < 1'000'000);
  if (wanted != nullptr)
    MESSAGE(outcome.rows, " plays billed and closed in ", took.count(), " ms, at most ",
            usage.ru_maxrss, " KiB");
}

TEST_CASE("only days with news are done again") {
  BillingWorld world;
  world.load(network(world, nullptr));
  CHECK(bill(world.config()).written.size() == 4);
  CHECK(bill(world.config()).written.empty());
  Batch batch;
  batch.key = {Stream::play, 900, 1, 1};
  batch.rows = std::vector<PlayRow>{BillingWorld::good_play(900, 1, 30 * kHour)};
  world.load({BillingWorld::record("lobby-1", batch, BillingWorld::utc_of(31 * kHour))});
  const auto again = bill(world.config()).written;
  REQUIRE(again.size() == 1);
  CHECK(again[0] == BillingWorld::kFirstDay + 1);
  world.prices("41,mille,3.00,EUR,7,,\n");
  CHECK(bill(world.config()).written.size() == 4);
  CHECK(reconcile(world.config())->holds());
}

TEST_CASE(
    "in any order of arrival, with duplicates and in any number of runs, the statement is one") {
  BillingWorld world;
  testing::Random random(12);
  const auto records = network(world, &random);
  std::string first;
  for (int round = 0; round < 4; ++round) {
    const std::string name = "round-" + std::to_string(round);
    auto order = records;
    if (round > 0) {
      for (std::size_t i = 0; i < records.size(); i += 7) {
        order.push_back(records[i]);
        order.back().received_at_us += kHour;
      }
      shuffle(order, random);
    }
    // In pieces, with a run after each.
    const std::size_t pieces = static_cast<std::size_t>(round) + 1;
    for (std::size_t piece = 0; piece < pieces; ++piece) {
      const auto at = [&](std::size_t part) {
        return order.begin() + static_cast<std::ptrdiff_t>(order.size() * part / pieces);
      };
      world.load({at(piece), at(piece + 1)}, name);
      bill(world.config(name + ".db"));
    }
    CHECK(bill(world.config(name + ".db"), true, kAllClosed).closed.size() == 4);
    const BillStatement statement = december(world.config(name + ".db"));
    if (round == 0) first = statement.sha256;
    CHECK(statement.sha256 == first);
    CHECK(reconcile(world.config(name + ".db"))->holds());
  }
}

TEST_CASE("what comes after the close is an adjustment, and the closed day keeps its hash") {
  BillingWorld world;
  world.prices("41,mille,2.50,EUR,60,,\n");
  auto records = network(world, nullptr);
  auto late = std::vector<SpoolRecord>(records.begin() + 3, records.begin() + 9);
  records.erase(records.begin() + 3, records.begin() + 9);
  BillingWorld whole;
  whole.prices("41,mille,2.50,EUR,60,,\n");
  whole.load(network(whole, nullptr));
  bill(whole.config(), true, kAllClosed);
  world.load(records);
  CHECK(bill(world.config(), true, kAllClosed).closed.size() == 4);
  const BillStatement before = december(world.config());
  world.load(late);
  // More about the time: within the error of what was known, so what was billed is the same.
  world.load({world.fix("lobby-2", 50, 25 * kHour, 79, 1)});
  const BillingOutcome outcome = bill(world.config(), true, kAllClosed);
  CHECK(outcome.adjustments >= 6 * 20);
  CHECK(bill(world.config(), true, kAllClosed).adjustments == 0);
  CHECK(bill(world.config(), true, kAllClosed).written.empty());
  const auto books = reconcile(world.config());
  REQUIRE(books);
  CHECK(books->holds());
  CHECK(books->stored == 3 * 1440);
  const BillStatement same = december(world.config());
  CHECK(same.issued_before);
  CHECK(same.sha256 == before.sha256);
  // The next statement has the rest, and together they are what one would have been.
  auto next = make_statement(world.config(), BillingWorld::kCampaign, kDecember + 1,
                             kAllClosed + 60 * kDay);
  REQUIRE(next);
  CHECK(next->json.find("\"days\":[]") != std::string::npos);
  const auto sum = [](const std::string& text) {
    return std::stoll(text.substr(0, text.find('.')) + text.substr(text.find('.') + 1));
  };
  CHECK(sum(payable(before)) + sum(payable(*next)) == sum(payable(december(whole.config()))));
  CHECK(sum(payable(*next)) > 0);
}

TEST_CASE(
    "a time fix after the close that moves plays out of their day is an adjustment, not an edit") {
  BillingWorld world;
  auto records = world.log_of(1, 1440, 180 * kSecond);
  world.load(records);
  bill(world.config(), true, kAllClosed);
  const BillStatement before = december(world.config());
  // The same boot was a day later, says a beacon with no error at all.
  Batch lie;
  lie.key = {Stream::event, 5, 1, 1};
  lie.rows =
      std::vector<EventRow>{{1, TimeFix{BillingWorld::kBoot, 80 * kHour,
                                        BillingWorld::utc_of(104 * kHour), 0, TimeSource::beacon}}};
  world.load({BillingWorld::record("lobby-1", lie, kAllClosed)});
  const BillingOutcome outcome = bill(world.config(), true, kAllClosed);
  CHECK(outcome.adjustments > 0);
  for (int again = 0; again < 2; ++again) {
    const BillingOutcome quiet = bill(world.config(), true, kAllClosed + 30 * kDay);
    CHECK(quiet.adjustments == 0);
  }
  const auto books = reconcile(world.config());
  REQUIRE(books);
  INFO((books->faults.empty() ? "" : books->faults.front()));
  CHECK(books->holds());
  CHECK(books->billed == 1440);
  CHECK(december(world.config()).sha256 == before.sha256);
}

TEST_CASE("a row that is edited in a closed day is found by the day's hash") {
  BillingWorld world;
  world.load(network(world, nullptr));
  bill(world.config(), true, kAllClosed);
  CHECK(reconcile(world.config())->holds());
  auto database = Database::open_owner(world.root() / "store.db");
  REQUIRE(database);
  REQUIRE(database->execute(
      "UPDATE billed_play SET amount_pico = amount_pico + 1 WHERE device = 'lobby-2' AND seq = 5"));
  const auto books = reconcile(world.config());
  REQUIRE(books);
  REQUIRE(books->faults.size() == 1);
  CHECK(books->faults[0].find("2026-12-01 was closed by") == 0);
}

TEST_CASE("a run that was killed in the middle of a day does it again") {
  BillingWorld world;
  world.load(network(world, nullptr));
  bill(world.config());
  auto database = Database::open_owner(world.root() / "store.db");
  REQUIRE(database);
  REQUIRE(
      database->execute("UPDATE bill_day SET complete = 0, fingerprint = 0 WHERE day = 20789;"
                        "DELETE FROM billed_play WHERE day = 20789 AND seq < 700"));
  CHECK_FALSE(reconcile(world.config())->holds());
  CHECK(bill(world.config()).written == std::vector<std::int64_t>{20'789});
  CHECK(reconcile(world.config())->holds());
}

TEST_CASE("a key that came with two contents is not paid, whichever came first") {
  BillingWorld world;
  auto records = world.log_of(1, 40, 180 * kSecond);
  Batch other;
  PlayRow row = BillingWorld::good_play(77, 5, kHour + 4 * 180 * kSecond);
  row.variant = 2;
  other.key = {Stream::play, 77, 5, 5};
  other.rows = std::vector<PlayRow>{row};
  records.push_back(BillingWorld::record("lobby-1", other, BillingWorld::utc_of(kHour)));
  world.load(records, "one");
  std::reverse(records.begin(), records.end());
  world.load(records, "two");
  for (const char* name : {"one.db", "two.db"}) {
    const BillingOutcome outcome = bill(world.config(name));
    CHECK(outcome.by_cause ==
          std::map<Reason, std::int64_t>{{Reason::none, 39}, {Reason::bill_duplicate, 1}});
  }
}

TEST_CASE("without its schedule a day waits, and is closed when the document is there") {
  BillingWorld world;
  world.load(world.log_of(1, 40, 180 * kSecond));
  const fs::path file = archived_document(world.root() / "archive", DocumentKind::schedule,
                                          {Audience::Kind::group, "demo"}, BillingWorld::kVersion);
  fs::rename(file, world.root() / "aside");
  const BillingOutcome waiting = bill(world.config(), true, kAllClosed);
  CHECK(waiting.closed.empty());
  CHECK(waiting.waiting.size() == 1);
  CHECK(waiting.billable() == 0);
  REQUIRE(waiting.missing.size() == 1);
  CHECK(*waiting.missing.begin() == "schedule 3 of screen lobby-1 is not in the archive");
  CHECK_FALSE(make_statement(world.config(), BillingWorld::kCampaign, kDecember, kAllClosed));
  fs::rename(world.root() / "aside", file);
  const BillingOutcome done = bill(world.config(), true, kAllClosed);
  CHECK(done.closed.size() == 1);
  CHECK(done.billable() == 40);
}

TEST_CASE(
    "a day is closed seven days after it is over everywhere, a month's statement comes after its "
    "last day") {
  BillingWorld world;
  world.load(world.log_of(1, 40, 180 * kSecond));
  const std::int64_t due = (BillingWorld::kFirstDay + 8) * kDay + 12 * kHour;
  CHECK(bill(world.config(), true, due - 1).closed.empty());
  CHECK(bill(world.config(), false, due).closed.empty());
  CHECK(bill(world.config(), true, due).closed.size() == 1);
  const auto early = make_statement(world.config(), BillingWorld::kCampaign, kDecember, due);
  REQUIRE_FALSE(early);
  CHECK(early.error().message ==
        "2026-12 is not over: its last day closes at 2027-01-08T12:00:00Z; nothing was issued");
}

TEST_CASE("a statement can be signed, and its hash is of the text") {
  BillingWorld world;
  world.load(world.log_of(1, 40, 180 * kSecond));
  auto config = world.config();
  const PrivateKey key = PrivateKey::from_seed({8});
  REQUIRE(write_private_key(world.root() / "ingest.key", key));
  config.sign_key = world.root() / "ingest.key";
  config.key_id = "ingest-1";
  bill(config, true, kAllClosed);
  const BillStatement statement = december(config);
  CHECK(statement.sha256 == to_hex(sha256(as_bytes(statement.json))));
  CHECK(verify(key.public_key(), as_bytes("vt1statement" + statement.json),
               *from_base64url(statement.signature)));
}

TEST_CASE("an exposure row that no crowd could make counts as none") {
  BillingWorld world;
  auto records = world.log_of(1, 20, 180 * kSecond);
  Batch batch;
  ExposureRow row;
  row.log_id = 300;
  row.seq = 1;
  row.play_log_id = 77;
  row.play_seq = 2;
  row.person_ms = INT64_MAX;
  row.coverage_permille = 1000;
  row.quality = Quality::people;
  batch.key = {Stream::exposure, 300, 1, 1};
  batch.rows = std::vector<ExposureRow>{row};
  records.push_back(BillingWorld::record("lobby-1", batch, kAllClosed));
  world.load(records);
  const BillingOutcome outcome = bill(world.config());
  CHECK(outcome.implausible == 1);
  CHECK(outcome.unvalued == 0);
}

TEST_CASE("a row of billed_play comes back from SQL as it went in") {
  BilledPlay play;
  play.device = "lobby-1";
  play.log_id = 0xfedcba9876543210;
  play.seq = 7;
  play.cause = Reason::bill_flight;
  play.imp_milli = 30'300;
  play.observed = 1;
  play.currency = "EUR";
  play.closed = true;
  const auto again = billed_play_of(to_sql(play));
  REQUIRE(again);
  CHECK(to_sql(*again) == to_sql(play));
  CHECK(again->hour == kAbsent);
  CHECK(again->log_id == play.log_id);
  CHECK_FALSE(billed_play_of({}));
}

}  // namespace
}  // namespace vitrine
