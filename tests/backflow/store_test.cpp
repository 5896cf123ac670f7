#include "backflow/store.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "backend_kit.hpp"
#include "backflow/gaps.hpp"
#include "backflow/report.hpp"
#include "backflow/store_loader.hpp"
#include "clickhouse.hpp"
#include "process.hpp"
#include "protocol/wire.hpp"
#include "store/known_rows.hpp"

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

// Everything the tables hold, as text, in the order of their keys.
std::string dump(const std::string& address) {
  auto store = open_sql_store(address, SqlAccess::read);
  REQUIRE(store);
  std::string text;
  for (std::size_t i = 0; i < kRawTables; ++i) {
    const SqlTable& table = raw_table(static_cast<RawTable>(i));
    std::string columns, key;
    for (const SqlColumn& column : table.columns)
      columns += (columns.empty() ? "" : ", ") + column.name;
    for (const std::string& name : table.key) key += (key.empty() ? "" : ", ") + name;
    const auto done = (*store)->query(
        "SELECT " + columns + " FROM " + table.name + " ORDER BY " + key, [&](const SqlRow& row) {
          text += table.name;
          for (const SqlValue& value : row)
            text +=
                "|" + (value.index() == 1 ? std::to_string(sql_integer(value)) : sql_text(value));
          text += "\n";
          return ok();
        });
    REQUIRE_MESSAGE(done, (done ? "" : done.error().message));
  }
  return text;
}

std::int64_t number(const std::string& address, const std::string& sql) {
  auto store = open_sql_store(address, SqlAccess::read);
  REQUIRE(store);
  const auto value = sql_scalar(**store, sql);
  REQUIRE_MESSAGE(value, (value ? "" : value.error().message));
  return sql_integer(*value);
}

// A new store in either engine, under one name for one test case.
class Places {
 public:
  explicit Places(std::string name) : name_(std::move(name)) {}
  std::string sqlite(const std::string& part = "") const {
    return "sqlite:" + (directory_ / (name_ + part + ".db")).string();
  }
  std::string clickhouse(const std::string& part = "") const {
    static testing::Clickhouse server;
    return server.address(name_ + part);
  }
  std::vector<std::string> both(const std::string& part = "") const {
    return {sqlite(part), clickhouse(part)};
  }

 private:
  TempDirectory directory_;
  std::string name_;
};

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
  const Places places("stopped");
  const auto batches = sample(kit);
  spool_batches(kit.root() / "spool", batches);
  const std::string reference = places.sqlite();
  {
    auto store = Store::open(reference, kit.root() / "spool");
    REQUIRE_MESSAGE(store, (store ? "" : store.error().message));
    load_all(*store, 1000);
  }
  const std::string expected = dump(reference);
  CHECK(std::count(expected.begin(), expected.end(), '\n') == 120 + 15 + 9 + 2 + 1 + 2);
  for (std::size_t stop = 0; stop <= batches.size(); ++stop) {
    for (const std::string& address : places.both(std::to_string(stop))) {
      if (address.starts_with("clickhouse") && stop % 4 != 0) continue;
      {
        auto store = Store::open(address, kit.root() / "spool");
        REQUIRE_MESSAGE(store, (store ? "" : store.error().message));
        if (stop > 0) REQUIRE(store->load(stop));
      }
      auto store = Store::open(address, kit.root() / "spool");
      REQUIRE(store);
      // It goes on behind the last record it has, not at the start, where the keys alone would save
      // it.
      CHECK(load_all(*store, 2) == batches.size() - stop);
      CHECK(dump(address) == expected);
    }
  }
}

TEST_CASE("killed between any two tables, it fills the others and none twice") {
  const BackendKit kit;
  const Places places("between");
  spool_batches(kit.root() / "spool", sample(kit), 400);
  std::string expected;
  for (const std::string& address : places.both()) {
    {
      auto store = Store::open(address, kit.root() / "spool");
      REQUIRE(store);
      load_all(*store, 1000);
    }
    if (expected.empty()) expected = dump(address);
    // What a kill behind the third batch leaves, when it comes after the table before `from`.
    for (std::size_t from = 0; from < kRawTables; ++from) {
      auto sql = open_sql_store(address);
      REQUIRE(sql);
      for (std::size_t i = from; i < kRawTables; ++i)
        REQUIRE((*sql)->remove(raw_table(static_cast<RawTable>(i)).name, "segment > 2"));
      auto store = Store::open(address, kit.root() / "spool");
      REQUIRE(store);
      load_all(*store, from % 2 == 0 ? 2 : 1000);
      CHECK(dump(address) == expected);
    }
  }
}

TEST_CASE(
    "a row that comes again is the same row, with other content a conflict, in every stream") {
  const BackendKit kit;
  const Places places("again");
  Batch lie = kit.plays(31, 5);
  std::get<std::vector<PlayRow>>(lie.rows)[2].creative = 4711;
  const auto events = [](std::uint64_t first, std::uint64_t last, const std::string& text) {
    Batch batch;
    batch.key = {Stream::event, 3, first, last};
    std::vector<EventRow> rows;
    for (std::uint64_t seq = first; seq <= last; ++seq)
      rows.push_back({seq, Notice{{1, 2}, 3, "code", text}});
    batch.rows = rows;
    return batch;
  };
  const auto health = [](std::uint64_t first, std::uint64_t last, std::int64_t value) {
    Batch batch;
    batch.key = {Stream::health, 4, first, last};
    std::vector<HealthRow> rows;
    for (std::uint64_t seq = first; seq <= last; ++seq)
      rows.push_back({seq, {1, 2}, 3, {{"b", value}, {"a", 1}}});
    batch.rows = rows;
    return batch;
  };
  spool_batches(kit.root() / "spool", {kit.plays(1, 40), kit.plays(11, 10), lie, kit.plays(36, 15),
                                       events(1, 3, "x"), events(2, 4, "x"), events(3, 5, "y"),
                                       health(1, 2, 5), health(2, 3, 5), health(3, 4, 6)});
  for (const std::string& address : places.both()) {
    CAPTURE(address);
    auto store = Store::open(address, kit.root() / "spool");
    REQUIRE(store);
    load_all(*store, 1000);
    CHECK(number(address, "SELECT count(*) FROM play") == 50);
    CHECK(number(address, "SELECT count(*) FROM play WHERE creative = 4711") == 0);
    CHECK(number(address, "SELECT seq FROM conflict WHERE stream = 0") == 33);
    CHECK(number(address, "SELECT count(*) FROM conflict WHERE stream = 0") == 1);
    CHECK(number(address, "SELECT count(*) FROM event") == 5);
    CHECK(number(address, "SELECT sum(seq) FROM conflict WHERE stream = 4") == 3 + 4);
    CHECK(number(address, "SELECT count(*) FROM health") == 4);
    CHECK(number(address, "SELECT count(*) FROM health_figure") == 8);
    CHECK(number(address, "SELECT sum(seq) FROM conflict WHERE stream = 3") == 3);
    CHECK(number(address, "SELECT sum(added) FROM batch") == 50 + 5 + 4);
  }
}

TEST_CASE("two spools meet in one store, and a row that both have is there once") {
  const BackendKit kit;
  const Places places("two_spools");
  spool_batches(kit.root() / "one", {kit.plays(1, 20), kit.plays(21, 20)});
  spool_batches(kit.root() / "two", {kit.plays(21, 20), kit.plays(41, 20)});
  for (const std::string& address : places.both()) {
    for (const char* spool : {"one", "two", "one", "two"}) {
      auto store = Store::open(address, kit.root() / spool);
      REQUIRE(store);
      load_all(*store, 10);
    }
    CHECK(number(address, "SELECT count(*) FROM play") == 60);
    CHECK(number(address, "SELECT sum(seq) FROM play") == 60 * 61 / 2);
    CHECK(number(address, "SELECT count(*) FROM batch") == 4);
    CHECK(number(address, "SELECT count(*) FROM conflict") == 0);
  }
}

TEST_CASE("a spool that is an older copy is not taken for the one that was loaded") {
  const BackendKit kit;
  const Places places("older");
  spool_batches(kit.root() / "spool", {kit.plays(1, 20), kit.plays(21, 20)}, 1 << 20);
  const std::string address = places.sqlite();
  {
    auto store = Store::open(address, kit.root() / "spool");
    REQUIRE(store);
    load_all(*store, 10);
  }
  fs::remove(kit.root() / "spool" / "1.spool");
  spool_batches(kit.root() / "spool", {kit.plays(1, 20)}, 1 << 20);
  const auto refused = Store::open(address, kit.root() / "spool");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("file `id`") != std::string::npos);
  fs::remove(kit.root() / "spool" / "id");
  spool_batches(kit.root() / "spool", {kit.plays(41, 20)}, 1 << 20);
  auto store = Store::open(address, kit.root() / "spool");
  REQUIRE(store);
  load_all(*store, 10);
  CHECK(number(address, "SELECT count(*) FROM play") == 60);
}

TEST_CASE("gaps are what was numbered and is neither stored nor declared, by screen and log") {
  const BackendKit kit;
  const Places places("gaps");
  const LogId log = kit.plays(1, 1).key.log_id;
  Batch drops;
  drops.key = {Stream::event, 3, 1, 2};
  drops.rows = std::vector<EventRow>{{1, DropNotice{Stream::play, log, 41, 50, {}, "room"}},
                                     {2, DropNotice{Stream::play, 12345, 1, 9, {}, "room"}}};
  spool_batches(kit.root() / "spool", {kit.plays(11, 10), kit.plays(31, 10), kit.plays(71, 10),
                                       exposures_of(kit.plays(1, 20), 15), drops});
  for (const std::string& address : places.both()) {
    auto store = Store::open(address, kit.root() / "spool");
    REQUIRE(store);
    load_all(*store, 10);
    auto sql = open_sql_store(address, SqlAccess::read);
    REQUIRE(sql);
    const auto gaps = find_gaps(**sql);
    REQUIRE(gaps);
    REQUIRE(gaps->size() == 3);
    const std::uint64_t first[] = {1, 21, 51}, last[] = {10, 30, 70};
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK((*gaps)[i].device == "lobby-1");
      CHECK((*gaps)[i].log_id == log);
      CHECK((*gaps)[i].first == first[i]);
      CHECK((*gaps)[i].last == last[i]);
    }
    CHECK(find_gaps(**sql, "lobby-1")->size() == 3);
    CHECK(find_gaps(**sql, "lobby-2")->empty());
  }
}

TEST_CASE("ranges of known rows join, whatever the order in which they come") {
  store::SeqRanges ranges;
  ranges.add(10, 19);
  ranges.add(30, 39);
  CHECK(ranges.ranges() == 2);
  CHECK_FALSE(ranges.has(9));
  CHECK(ranges.has(10));
  CHECK(ranges.has(19));
  CHECK_FALSE(ranges.overlaps(20, 29));
  CHECK(ranges.overlaps(1, 10));
  CHECK(ranges.overlaps(19, 30));
  ranges.add(20, 29);
  CHECK(ranges.ranges() == 1);
  ranges.add(1, 100);
  CHECK(ranges.ranges() == 1);
  CHECK(ranges.has(100));
  const std::uint64_t end = ~std::uint64_t{0};
  ranges.add(end, end);
  ranges.add(0, 0);
  CHECK(ranges.ranges() == 2);
  CHECK(ranges.has(0));
  CHECK(ranges.has(end));
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

TEST_CASE("the report adds up in both stores: creatives, cut plays, audience, bytes a play") {
  const BackendKit kit;
  const Places places("report");
  Batch plays = kit.plays(1, 20);
  auto& rows = std::get<std::vector<PlayRow>>(plays.rows);
  rows[4].cut_cause = CutCause::killed;
  rows[5].kind = PlayKind::miss;
  rows[5].first_flip_us = rows[5].last_flip_us = kAbsent;
  const std::size_t bytes = encode_batch(plays).size();
  // The audience log was made again and measured three plays a second time, worse.
  Batch worse = exposures_of(plays, 3);
  ++worse.key.log_id;
  for (ExposureRow& row : std::get<std::vector<ExposureRow>>(worse.rows)) {
    row.log_id = worse.key.log_id;
    row.quality = Quality::people;
    row.coverage_permille = 400;
  }
  spool_batches(kit.root() / "spool", {plays, worse, exposures_of(plays, 15)});
  for (const std::string& address : places.both()) {
    CAPTURE(address);
    CHECK_FALSE(read_report(address));
    auto store = Store::open(address, kit.root() / "spool");
    REQUIRE(store);
    load_all(*store, 10);
    const auto report = read_report(address);
    REQUIRE_MESSAGE(report, report.error().message);
    CHECK(report->plays == 20);
    CHECK(report->shown == 19);
    CHECK(report->cut == 1);
    CHECK(report->exposure_joined == 14);  // 15 measured, one of them the miss
    std::int64_t plays_by_creative = 0, shown_ms = 0, cut = 0;
    for (const CreativePlays& entry : report->creatives) {
      plays_by_creative += entry.plays;
      shown_ms += entry.shown_ms;
      cut += entry.cut;
    }
    CHECK(plays_by_creative == 20);
    CHECK(cut == 1);
    CHECK(shown_ms > 180'000);
    REQUIRE(report->audience.size() == 1);
    CHECK(report->audience[0].quality == Quality::flow);
    CHECK(report->audience[0].plays == 14);
    CHECK(report->audience[0].person_ms == 14 * 5000);
    CHECK(report->audience[0].crossings == 28);
    CHECK(report->audience[0].coverage_permille == 1000);
    CHECK(report->audience[0].avg_milli >= 499);
    CHECK(report->audience[0].avg_milli <= 503);
    CHECK(report->bytes_a_play_milli == static_cast<std::int64_t>((bytes * 1000 + 10) / 20));
    CHECK(report->conflicts == 0);
    CHECK(report->streams.size() == 2);
  }
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
