// The real ingest and store behind a Bench, without a network between them.
#pragma once

#include <set>

#include "backflow/ingest.hpp"
#include "backflow/store.hpp"
#include "batch_bench.hpp"

namespace vitrine::testing {

class Backend {
 public:
  explicit Backend(Bench& bench) : bench_(bench) {
    Registry registry;
    RegisteredScreen screen;
    screen.screen = kScreen;
    screen.area = 7;
    screen.zone = "Europe/Berlin";
    screen.groups = {"demo"};
    screen.shard = shard_of(kScreen);
    screen.proof_key = bench.proof.public_key().raw;
    screen.valid_from = 1;
    registry.screens.push_back(screen);
    const fs::path root = bench.temp / "backend";
    REQUIRE(make_directories(root).ok());
    REQUIRE(write_atomic(root / "registry.json", write_registry(registry)).ok());
    auto ingest = Ingest::open({root / "spool", root / "registry.json", "ingest-1", bench.ingest});
    REQUIRE(ingest.ok());
    ingest_.emplace(std::move(*ingest));
    auto store = Store::open(root / "store.db", root / "spool" / "all");
    REQUIRE(store.ok());
    store_.emplace(std::move(*store));
  }

  // Takes a publication; the acks that answer it and what came with it.
  void take(const FakeTransport::Publication& sent) {
    ingest_->take(sent.topic, sent.payload, bench_.clock.realtime());
  }
  std::vector<Bytes> commit() {
    auto acks = ingest_->commit();
    REQUIRE(acks.ok());
    std::vector<Bytes> payloads;
    for (auto& ack : *acks) payloads.push_back(std::move(ack.payload));
    return payloads;
  }
  // Takes everything sent so far; `deliver` hands the acks to the courier.
  void take_all(Courier& courier) {
    for (const auto& sent : bench_.transport.sent) take(sent);
    bench_.transport.sent.clear();
    for (const Bytes& ack : commit()) courier.receive_ack(ack, bench_.trust);
  }
  std::int64_t ask(const std::string& sql) {
    while (true) {
      auto loaded = store_->load(1000);
      REQUIRE(loaded.ok());
      if (*loaded == 0) break;
    }
    auto database = Database::open_reader(bench_.temp / "backend" / "store.db");
    REQUIRE(database.ok());
    auto value = database->scalar(sql);
    REQUIRE(value.ok());
    return value->value_or(0);
  }
  // No row contradicts another, nothing was refused.
  void check_clean() {
    CHECK(ask("SELECT COUNT(*) FROM conflict") == 0);
    CHECK(ask("SELECT COUNT(*) FROM unreadable") == 0);
    CHECK(fs::file_size(bench_.temp / "backend" / "spool" / "quarantine" /
                        spool_segment_path("", 1).filename()) == 0);
  }
  // seqs of a log that are stored, and those that a stored DropNotice declares.
  std::set<std::uint64_t> stored(const std::string& stream, LogId log) {
    return seqs("SELECT seq, seq FROM " + stream + " WHERE log_id = ?", log);
  }
  std::set<std::uint64_t> declared(Stream stream, LogId log) {
    return seqs("SELECT first, last FROM event WHERE kind = 'drop' AND about_stream = " +
                    std::to_string(static_cast<int>(stream)) + " AND about_log_id = ?",
                log);
  }

 private:
  std::set<std::uint64_t> seqs(const std::string& sql, LogId log) {
    (void)ask("SELECT 0");
    auto database = Database::open_reader(bench_.temp / "backend" / "store.db");
    REQUIRE(database.ok());
    auto select = database->prepare(sql);
    REQUIRE(select.ok());
    select->bind(1, column_value(log));
    std::set<std::uint64_t> found;
    for (;;) {
      auto row = select->step();
      REQUIRE(row.ok());
      if (!*row) return found;
      for (std::int64_t seq = select->integer(0); seq <= select->integer(1); ++seq)
        found.insert(static_cast<std::uint64_t>(seq));
    }
  }

  Bench& bench_;
  std::optional<Ingest> ingest_;
  std::optional<Store> store_;
};

}  // namespace vitrine::testing
