// What goes when the outbox is full, and what a full disk does.
#include <sys/resource.h>

#include <csignal>

#include "batch_bench.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

constexpr std::int64_t kSmall = 1'000'000;

std::int64_t bytes_on_disk(const fs::path& path) {
  std::int64_t bytes = 0;
  for (const char* suffix : {"", "-wal"}) {
    std::error_code error;
    const auto size = fs::file_size(path.string() + suffix, error);
    if (!error) bytes += static_cast<std::int64_t>(size);
  }
  return bytes;
}

// A batch of one stream with a body of about `bytes`.
Batch filler(Stream stream, LogId log_id, std::uint64_t seq, std::size_t bytes) {
  Batch batch;
  batch.key = {stream, log_id, seq, seq};
  if (stream == Stream::health) {
    batch.rows = std::vector<HealthRow>{health_row(bytes)};
    std::get<std::vector<HealthRow>>(batch.rows).front().seq = seq;
  } else if (stream == Stream::event) {
    batch.rows = std::vector<EventRow>{{seq, Notice{{}, 1, "filler", std::string(bytes, 'x')}}};
  } else if (stream == Stream::flow) {
    batch.rows = std::vector<FlowRow>(1);
  } else if (stream == Stream::exposure) {
    batch.rows = std::vector<ExposureRow>(1);
  } else {
    batch.rows = std::vector<PlayRow>(1);
  }
  return batch;
}

std::size_t count_of(Outbox& outbox, Stream stream) {
  std::size_t count = 0;
  auto batches = outbox.unacked(0, 100'000);
  REQUIRE(batches.ok());
  for (const auto& batch : *batches) count += batch.key.stream == stream ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("the outbox and its WAL stay below their bound, whatever is frozen, and say what went") {
  Bench bench(OutboxOptions{kSmall});
  std::int64_t largest = 0;
  std::uint64_t frozen = 0;
  for (int i = 0; i < 150; ++i) {
    REQUIRE(bench.outbox.freeze({{filler(Stream::health, 7, ++frozen, 16'000), {}}}, 0).ok());
    largest = std::max(largest, bytes_on_disk(bench.paths.outbox()));
  }
  CHECK(largest <= kSmall);
  CHECK(*bench.outbox.used_bytes() > kSmall / 2);  // and the room there is is used
  const auto drops = notices_in(bench.outbox);
  REQUIRE(drops.size() == 1);  // one after the other grew one notice
  CHECK(drops[0].first == 1);
  CHECK(drops[0].reason == "no room");
  CHECK(bench.outbox.dropped_rows(Stream::health) == static_cast<std::int64_t>(drops[0].last));
  const auto left = bench.ranges(Stream::health);
  CHECK(left.size() + drops[0].last == frozen);
  CHECK(left.front().first == drops[0].last + 1);
}

TEST_CASE("acknowledged batches go first, then the lowest class that has a batch") {
  Bench bench(OutboxOptions{kSmall});
  std::uint64_t seq = 0;
  REQUIRE(bench.outbox.freeze({{filler(Stream::play, 1, 1, 0), {}}}, 0).ok());
  REQUIRE(bench.outbox.freeze({{filler(Stream::exposure, 2, 1, 0), {}}}, 0).ok());
  REQUIRE(bench.outbox.freeze({{filler(Stream::flow, 3, 1, 0), {}}}, 0).ok());
  REQUIRE(bench.outbox.freeze({{filler(Stream::event, 4, 1, 0), {}}}, 0).ok());
  const auto first_acked = [&] {
    REQUIRE(bench.outbox.freeze({{filler(Stream::health, 5, ++seq, 16'000), {}}}, 0).ok());
    for (const auto& batch : bench.waiting()) {
      if (batch.key.stream != Stream::health) continue;
      const BatchAck ack{batch.key, batch_hash_prefix(*bench.outbox.body(batch.id)),
                         AckStatus::stored};
      REQUIRE(bench.outbox.acknowledge(ack, 1)->outcome == AckResult::Outcome::done);
      return batch.id;
    }
    return std::int64_t{0};
  }();
  for (int i = 0; i < 100; ++i)
    REQUIRE(bench.outbox.freeze({{filler(Stream::health, 5, ++seq, 16'000), {}}}, 0).ok());
  CHECK(bench.outbox.body(first_acked).error().code == ErrorCode::not_found);
  CHECK(notices_in(bench.outbox).at(0).first == 2);  // seq 1 was stored: nothing to declare
  // Of everything else not one is gone while there is health.
  for (Stream stream : {Stream::play, Stream::exposure, Stream::flow, Stream::event})
    CHECK(count_of(bench.outbox, stream) == 1);
  // Now with events, which no health follows: health goes, then flow, exposure and plays, in turn.
  std::vector<Stream> gone;
  for (int i = 0; i < 100; ++i) {
    REQUIRE(
        bench.outbox
            .freeze({{filler(Stream::event, 4, 2 + static_cast<std::uint64_t>(i), 16'000), {}}}, 0)
            .ok());
    for (Stream stream : {Stream::health, Stream::flow, Stream::exposure, Stream::play}) {
      if (count_of(bench.outbox, stream) == 0 &&
          std::find(gone.begin(), gone.end(), stream) == gone.end())
        gone.push_back(stream);
    }
  }
  CHECK(gone == std::vector{Stream::health, Stream::flow, Stream::exposure, Stream::play});
  CHECK(bytes_on_disk(bench.paths.outbox()) <= kSmall);
}

TEST_CASE("a dropped batch of plays says the hash on which the next one stands") {
  Bench bench(OutboxOptions{kSmall});
  for (int i = 0; i < 80; ++i) {
    bench.play(20);
    bench.freezer.tick(kPeriod);
  }
  std::uint64_t event = 0;
  while (bench.ranges().size() > 79) {
    REQUIRE(bench.outbox.freeze({{filler(Stream::event, 4, ++event, 16'000), {}}}, 0).ok());
    REQUIRE(event < 1000);
  }
  std::vector<DropNotice> drops;
  for (const auto& drop : notices_in(bench.outbox)) {
    if (drop.stream == Stream::play) drops.push_back(drop);
  }
  REQUIRE_FALSE(drops.empty());
  CHECK(drops.front().first == 1);
  for (std::size_t i = 1; i < drops.size(); ++i) CHECK(drops[i].first == drops[i - 1].last + 1);
  const auto left = bench.ranges();
  REQUIRE_FALSE(left.empty());
  CHECK(left.front().first == drops.back().last + 1);
  for (const auto& frozen : bench.waiting()) {
    if (frozen.key.stream != Stream::play || frozen.key.first != left.front().first) continue;
    auto batch = decode_batch(*bench.outbox.body(frozen.id));
    CHECK(batch->chain_before == drops.back().chain_after);
    CHECK(verify_batch(*batch, kScreen, bench.proof.public_key()).ok());
  }
}

TEST_CASE("a DropNotice is never dropped, and a notice in hand to be frozen does not grow") {
  Bench bench(OutboxOptions{kSmall});
  std::uint64_t seq = 0, dropped = 0;
  for (int i = 0; i < 300; ++i) {
    // Health and big events by turns: both are dropped all the time, and the events are frozen.
    REQUIRE(bench.outbox.freeze({{filler(Stream::health, 5, ++seq, 8'000), {}}}, 0).ok());
    if (i % 7 == 0)
      REQUIRE(bench.outbox.add_event({0, Notice{{}, 1, "filler", std::string(12'000, 'x')}}).ok());
    bench.freezer.tick(0);
  }
  std::uint64_t next = 1;
  for (const auto& drop : notices_in(bench.outbox)) {
    if (drop.stream != Stream::health || drop.log_id != 5) continue;
    CHECK(drop.first == next);  // none is missing and none overlaps
    next = drop.last + 1;
    dropped += drop.last - drop.first + 1;
  }
  std::size_t left = 0;
  for (const auto& batch : bench.waiting()) left += batch.key.log_id == 5 ? 1 : 0;
  CHECK(dropped > 100);
  CHECK(dropped + left == seq);
}

TEST_CASE("event and health rows leave their tables when frozen, and their seq goes on") {
  Bench bench;
  for (int i = 0; i < 30; ++i)
    REQUIRE(bench.outbox.add_health({HealthRow{0, {1, 2}, i, {{"uptime_s", i}}}}).ok());
  bench.freezer.close();
  CHECK(bench.outbox.health_after(0, 100)->empty());
  bench.outbox = bench.open_outbox();
  REQUIRE(bench.outbox.add_health({HealthRow{0, {1, 2}, 31, {}}}).ok());
  CHECK(bench.outbox.health_after(0, 100)->at(0).seq == 31);
}

TEST_CASE("a full disk stops freezing and nothing else, and freezing goes on when it has room") {
  Bench bench;
  bench.play(60);
  bench.freezer.tick(kPeriod);
  Courier courier = bench.courier();
  courier.tick(kPeriod);
  REQUIRE(bench.transport.sent.size() == 3);
  const auto whole = bench.ranges();
  bench.play(40);
  {
    // No file of this process may grow any more: SQLite's write fails as on a full disk.
    struct rlimit before {};
    REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
    const auto old = std::signal(SIGXFSZ, SIG_IGN);
    rlimit none = before;
    none.rlim_cur = 4096;
    REQUIRE(setrlimit(RLIMIT_FSIZE, &none) == 0);
    bench.freezer.tick(kPeriod);
    courier.receive_ack(bench.ack_for(bench.transport.sent[0].payload), bench.trust);
    bench.clock.advance(kHour);
    bench.transport.sent.clear();
    courier.tick(kPeriod);
    const auto sent = bench.transport.sent.size();
    const auto during = bench.ranges();
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, old);
    CHECK(during == whole);
    CHECK(sent == 2);  // what was not acknowledged; the first is known to have arrived
  }
  courier.tick(kPeriod);
  bench.freezer.tick(kPeriod);
  CHECK(bench.ranges() == Ranges{{21, 40}, {41, 60}, {61, 80}, {81, 100}});
  CHECK_FALSE(bench.outbox.damaged());
}

TEST_CASE(
    "a disk that fails when the streams' shared transaction ends takes no row of any stream") {
  Bench bench;
  auto exposure = ExposureLog::open(bench.paths.exposure_log());
  REQUIRE(exposure.ok());
  bench.freezer.tick(kPeriod);
  // One batch of plays opens the transaction; two of exposures end it, for they need their own.
  bench.play(20);
  std::vector<ExposureRow> rows;
  for (std::uint64_t seq = 1; seq <= 40; ++seq)
    rows.push_back(ExposureRow{.play_log_id = 1, .play_seq = seq});
  REQUIRE(exposure->append(rows).ok());
  {
    struct rlimit before {};
    REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
    const auto old = std::signal(SIGXFSZ, SIG_IGN);
    rlimit none = before;
    none.rlim_cur = 4096;
    REQUIRE(setrlimit(RLIMIT_FSIZE, &none) == 0);
    bench.freezer.tick(kPeriod);
    const auto during = bench.ranges();
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, old);
    CHECK(during.empty());
  }
  bench.freezer.tick(kPeriod);
  CHECK(bench.ranges() == Ranges{{1, 20}});
  CHECK(bench.ranges(Stream::exposure) == Ranges{{1, 20}, {21, 40}});
}
