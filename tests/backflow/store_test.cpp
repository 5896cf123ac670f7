#include "backflow/store.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "backend_kit.hpp"
#include "backflow/report.hpp"
#include "backflow/store_loader.hpp"
#include "process.hpp"
#include "protocol/wire.hpp"

namespace vitrine {
namespace {

using testing::BackendKit;
using testing::TempDirectory;

void spool_batches(const fs::path& directory, const std::vector<Batch>& batches,
                   std::uint64_t segment_bytes = 2000) {
  auto spool = Spool::open(directory, segment_bytes);
  REQUIRE(spool);
  for (const Batch& batch : batches)
    REQUIRE(spool->append({77, "lobby-1", "t", "", encode_batch(batch)}));
  REQUIRE(spool->sync());
}

Batch exposures_of(const Batch& plays, std::uint64_t count) {
  std::vector<ExposureRow> rows(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    rows[i].log_id = 0xfedcba9876543210;
    rows[i].seq = i + 1;
    rows[i].play_log_id = plays.key.log_id;
    rows[i].play_seq = plays.key.first + i;
    rows[i].person_ms = 5000;
    rows[i].crossings = 2;
    rows[i].coverage_permille = 1000;
    rows[i].quality = Quality::flow;
    rows[i].method = Method::mog2;
  }
  Batch batch;
  batch.key = {Stream::exposure, 0xfedcba9876543210, 1, count};
  batch.rows = std::move(rows);
  return batch;
}

// Everything a table holds, as text.
std::string dump(const fs::path& database) {
  auto store = Database::open_reader(database);
  REQUIRE(store);
  std::string text;
  for (const std::string table :
       {"play", "exposure", "batch", "conflict", "position", "event", "health_figure"}) {
    auto columns = store->prepare("SELECT count(*) FROM pragma_table_info('" + table + "')");
    REQUIRE(columns);
    REQUIRE(columns->step());
    auto rows = store->prepare("SELECT * FROM " + table + " ORDER BY rowid");
    REQUIRE(rows);
    for (;;) {
      auto row = rows->step();
      REQUIRE(row);
      if (!*row) break;
      text += table;
      for (int i = 0; i < columns->integer(0); ++i) text += "|" + rows->text(i);
      text += "\n";
    }
  }
  return text;
}

// How many records that took.
std::size_t load_all(Store& store, std::size_t step) {
  for (std::size_t count = 0;;) {
    auto loaded = store.load(step);
    REQUIRE(loaded);
    if (*loaded == 0) return count;
    count += *loaded;
  }
}

std::vector<Batch> sample(const BackendKit& kit) {
  std::vector<Batch> batches;
  for (std::uint64_t first = 1; first <= 101; first += 20) batches.push_back(kit.plays(first, 20));
  batches.push_back(exposures_of(batches.front(), 15));
  Batch events;
  events.key = {Stream::event, 3, 1, 2};
  events.rows = std::vector<EventRow>{{1, Notice{{1, 2}, 3, "code", "text"}},
                                      {2, LogEnd{Stream::play, 8, 9}}};
  batches.push_back(events);
  Batch health;
  health.key = {Stream::health, 4, 1, 1};
  health.rows = std::vector<HealthRow>{{1, {1, 2}, 3, {{"a", 1}, {"b", -2}}}};
  batches.push_back(health);
  return batches;
}

TEST_CASE("the store is the same wherever the loader was stopped, and each row is there once") {
  const BackendKit kit;
  const auto batches = sample(kit);
  spool_batches(kit.root() / "spool", batches);
  const fs::path reference = kit.root() / "reference.db";
  {
    auto store = Store::open(reference, kit.root() / "spool");
    REQUIRE(store);
    load_all(*store, 1000);
  }
  const std::string expected = dump(reference);
  CHECK(std::count(expected.begin(), expected.end(), '\n') == 120 + 15 + 9 + 1 + 2 + 2);
  for (std::size_t stop = 0; stop <= batches.size(); ++stop) {
    const fs::path database = kit.root() / ("stop-" + std::to_string(stop) + ".db");
    {
      auto store = Store::open(database, kit.root() / "spool");
      REQUIRE(store);
      if (stop > 0) REQUIRE(store->load(stop));
    }
    auto store = Store::open(database, kit.root() / "spool");
    REQUIRE(store);
    // It goes on behind the last record it has, not at the start, where the keys alone would save
    // it.
    CHECK(load_all(*store, 2) == batches.size() - stop);
    CHECK(dump(database) == expected);
  }
}

TEST_CASE(
    "a row that comes again under another batch is the same row, with other content it is a "
    "conflict") {
  const BackendKit kit;
  const fs::path database = kit.root() / "store.db";
  Batch lie = kit.plays(31, 5);
  std::get<std::vector<PlayRow>>(lie.rows)[2].creative = 4711;
  spool_batches(kit.root() / "spool", {kit.plays(1, 40), kit.plays(11, 10), lie});
  auto store = Store::open(database, kit.root() / "spool");
  REQUIRE(store);
  load_all(*store, 10);
  auto reader = Database::open_reader(database);
  REQUIRE(reader);
  CHECK(*reader->scalar("SELECT count(*) FROM play") == 40);
  CHECK(*reader->scalar("SELECT count(*) FROM play WHERE creative = 4711") == 0);
  CHECK(*reader->scalar("SELECT count(*) FROM conflict") == 1);
  CHECK(*reader->scalar("SELECT seq FROM conflict") == 33);
}

TEST_CASE("a spool record that is no batch is noted and does not stop the rest") {
  const BackendKit kit;
  {
    auto spool = Spool::open(kit.root() / "spool");
    REQUIRE(spool);
    REQUIRE(spool->append({1, "lobby-1", "t", "", Bytes{1, 2, 3}}));
    REQUIRE(spool->append({1, "lobby-1", "t", "", encode_batch(kit.plays(1, 3))}));
  }
  auto store = Store::open(kit.root() / "store.db", kit.root() / "spool");
  REQUIRE(store);
  load_all(*store, 10);
  const auto report = read_report(kit.root() / "store.db");
  REQUIRE(report);
  CHECK(report->unreadable == 1);
  CHECK(report->plays == 3);
}

TEST_CASE("the report adds up: plays by creative, cut plays, audience by quality, bytes a play") {
  const BackendKit kit;
  Batch plays = kit.plays(1, 20);
  auto& rows = std::get<std::vector<PlayRow>>(plays.rows);
  rows[4].cut_cause = CutCause::killed;
  rows[5].kind = PlayKind::miss;
  rows[5].first_flip_us = rows[5].last_flip_us = kAbsent;
  const std::size_t bytes = encode_batch(plays).size();
  spool_batches(kit.root() / "spool", {plays, exposures_of(plays, 15)});
  CHECK_FALSE(read_report(kit.root() / "store.db"));
  auto store = Store::open(kit.root() / "store.db", kit.root() / "spool");
  REQUIRE(store);
  load_all(*store, 10);
  const auto report = read_report(kit.root() / "store.db");
  REQUIRE(report);
  CHECK(report->plays == 20);
  CHECK(report->shown == 19);
  CHECK(report->cut == 1);
  CHECK(report->exposure_joined == 14);  // 15 measured, one of them the miss
  std::int64_t plays_by_creative = 0;
  for (const CreativePlays& entry : report->creatives) plays_by_creative += entry.plays;
  CHECK(plays_by_creative == 20);
  REQUIRE(report->audience.size() == 1);
  CHECK(report->audience[0].quality == Quality::flow);
  CHECK(report->audience[0].plays == 14);
  CHECK(report->audience[0].person_ms == 14 * 5000);
  CHECK(report->audience[0].crossings == 28);
  CHECK(report->audience[0].coverage_permille == 1000);
  CHECK(report->audience[0].avg_milli >= 499);
  CHECK(report->audience[0].avg_milli <= 503);
  CHECK(report->bytes_a_play_milli == static_cast<std::int64_t>((bytes * 1000 + 10) / 20));
}

TEST_CASE("nothing behind the durable end of the spool is loaded") {
  const BackendKit kit;
  const auto batches = sample(kit);
  spool_batches(kit.root() / "spool", batches);
  SpoolReader reader(kit.root() / "spool", {});
  for (int i = 0; i < 3; ++i) REQUIRE(*reader.next());
  auto store = Store::open(kit.root() / "store.db", kit.root() / "spool");
  REQUIRE(store);
  CHECK(*store->load(100, reader.position()) == 3);
  CHECK(*store->load(100, reader.position()) == 0);
  CHECK(load_all(*store, 100) == batches.size() - 3);
}

TEST_CASE("the loader follows the spool as far as it is durable, and ends when it is told to") {
  const BackendKit kit;
  const auto batches = sample(kit);
  spool_batches(kit.root() / "spool", batches);
  SpoolReader reader(kit.root() / "spool", {});
  for (int i = 0; i < 3; ++i) REQUIRE(*reader.next());
  const auto plays = [&] {
    const auto report = read_report(kit.root() / "store.db");
    return report ? report->plays : 0;
  };
  auto store = Store::open(kit.root() / "store.db", kit.root() / "spool");
  REQUIRE(store);
  {
    StoreLoader loader(*std::move(store), reader.position());
    CHECK(testing::until([&] { return plays() == 60; }));
    loader.durable_until(kSpoolEnd);
    CHECK(testing::until([&] { return plays() == 120; }));
  }
  CHECK(plays() == 120);
}

}  // namespace
}  // namespace vitrine
