// Rows that left their log too early, and rows that are asked for a second time.
#include "batch_bench.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

void acknowledge_all(Bench& bench) {
  for (const auto& frozen : bench.waiting()) {
    const BatchAck ack{frozen.key, batch_hash_prefix(*bench.outbox.body(frozen.id)),
                       AckStatus::stored};
    REQUIRE(bench.outbox.acknowledge(ack, bench.clock.realtime())->outcome ==
            AckResult::Outcome::done);
  }
}

void all_verify(Bench& bench) {
  for (const auto& frozen : bench.waiting()) {
    auto batch = decode_batch(*bench.outbox.body(frozen.id));
    REQUIRE(batch.ok());
    CHECK(verify_batch(*batch, kScreen, bench.proof.public_key()).ok());
  }
}

}  // namespace

TEST_CASE(
    "plays pruned before they were sent are declared, and the next batch stands on the hash "
    "that the declaration names") {
  Bench bench;
  bench.play(20);
  bench.freezer.tick(kPeriod);
  bench.play(40);
  bench.prune("seq <= 30");
  bench.freezer.close();
  CHECK(bench.ranges() == Ranges{{1, 20}, {32, 51}, {52, 60}});
  const auto drops = notices_in(bench.outbox);
  REQUIRE(drops.size() == 1);
  CHECK(drops[0].first == 21);
  CHECK(drops[0].last == 31);  // without h(30) the proof of row 31 cannot be checked
  CHECK(drops[0].reason == "pruned before it was sent");
  all_verify(bench);
  const auto waiting = bench.waiting();
  for (const auto& frozen : waiting) {
    if (frozen.key.stream != Stream::play || frozen.key.first != 32) continue;
    CHECK(decode_batch(*bench.outbox.body(frozen.id))->chain_before == drops[0].chain_after);
  }
}

TEST_CASE("plays that were lost before they were stored are declared, and nothing beside them") {
  Bench bench;
  bench.play(3);
  PlayRow row;
  row.boot = bench.clock.boot_id();
  row.creative = 3;
  REQUIRE(bench.log.append(row, 20'000, 5).ok());
  bench.play(2);
  bench.freezer.close();
  CHECK(bench.ranges() == Ranges{{1, 3}, {9, 11}});
  const auto drops = notices_in(bench.outbox);
  REQUIRE(drops.size() == 1);
  CHECK(SeqRange{drops[0].first, drops[0].last} == SeqRange{4, 8});
  CHECK(drops[0].reason == "lost before it was stored");
  for (const auto& frozen : bench.waiting()) {
    if (frozen.key.stream != Stream::play || frozen.key.first != 9) continue;
    CHECK(decode_batch(*bench.outbox.body(frozen.id))->chain_before == drops[0].chain_after);
  }
  all_verify(bench);
}

TEST_CASE("a gap in the middle of what is read is declared too, of every log") {
  Bench bench;
  bench.play(10);
  bench.prune("seq BETWEEN 4 AND 6");
  auto exposure = ExposureLog::open(bench.paths.exposure_log());
  for (std::uint64_t i = 1; i <= 5; ++i)
    REQUIRE(exposure->append({ExposureRow{.play_log_id = 1, .play_seq = i}}).ok());
  auto database = write_into(bench.paths.exposure_log());
  REQUIRE(database->execute("DELETE FROM exposure WHERE seq = 2").ok());
  bench.freezer.close();
  CHECK(bench.ranges() == Ranges{{1, 3}, {8, 10}});
  CHECK(bench.ranges(Stream::exposure) == Ranges{{1, 1}, {3, 5}});
  const auto drops = notices_in(bench.outbox);
  REQUIRE(drops.size() == 2);
  CHECK(SeqRange{drops[0].first, drops[0].last} == SeqRange{4, 7});
  CHECK(drops[1].stream == Stream::exposure);
  CHECK(SeqRange{drops[1].first, drops[1].last} == SeqRange{2, 2});
  all_verify(bench);
}

TEST_CASE("a backlog is frozen two hundred rows at a time") {
  Bench bench;
  bench.play(445);
  bench.freezer.close();
  auto ranges = bench.ranges();  // live ones first
  std::sort(ranges.begin(), ranges.end());
  CHECK(ranges == Ranges{{1, 200}, {201, 400}, {401, 420}, {421, 440}, {441, 445}});
  for (const auto& frozen : bench.waiting())
    CHECK(frozen.live == (frozen.key.last - frozen.key.first < kBatchRows));
}

TEST_CASE("resend makes what was acknowledged due again, byte for byte, and nothing else") {
  Bench bench;
  bench.play(70);
  bench.freezer.close();
  std::map<std::uint64_t, Bytes> bodies;
  for (const auto& frozen : bench.waiting())
    bodies[frozen.key.first] = *bench.outbox.body(frozen.id);
  acknowledge_all(bench);
  REQUIRE(bench.ranges().empty());
  REQUIRE(bench.freezer.resend(Stream::play, bench.log.log_id(), {35, 45}).ok());
  CHECK(bench.ranges() == Ranges{{21, 40}, {41, 60}});
  for (const auto& frozen : bench.waiting())
    CHECK(*bench.outbox.body(frozen.id) == bodies[frozen.key.first]);
  acknowledge_all(bench);
  REQUIRE(bench.freezer.resend(Stream::play, bench.log.log_id(), {65, 500}).ok());
  CHECK(bench.ranges() == Ranges{{61, 70}});  // what was never frozen comes anyway
  const auto unknown = bench.freezer.resend(Stream::play, 12345, {1, 5});
  CHECK(unknown.error().code == ErrorCode::not_found);
  CHECK(notices_in(bench.outbox).empty());
}

TEST_CASE("resend freezes from the log again what is no batch any more, and declares the rest") {
  Bench bench;
  bench.play(100);
  bench.freezer.close();
  acknowledge_all(bench);
  bench.clock.advance(31 * kDay);
  REQUIRE(bench.outbox.forget(bench.clock.realtime()).ok());
  SUBCASE("the log has all of it") {
    REQUIRE(bench.freezer.resend(Stream::play, bench.log.log_id(), {15, 34}).ok());
    CHECK(bench.ranges() == Ranges{{15, 34}});
    CHECK(notices_in(bench.outbox).empty());
  }
  SUBCASE("the log has let the beginning go") {
    bench.prune("seq <= 20");
    REQUIRE(bench.freezer.resend(Stream::play, bench.log.log_id(), {15, 34}).ok());
    CHECK(bench.ranges() == Ranges{{22, 34}});
    const auto drops = notices_in(bench.outbox);
    REQUIRE(drops.size() == 1);
    CHECK(SeqRange{drops[0].first, drops[0].last} == SeqRange{15, 21});
    CHECK(drops[0].reason == "no longer in the log");
  }
  SUBCASE("the log has nothing of it") {
    bench.prune("seq <= 40");
    REQUIRE(bench.freezer.resend(Stream::play, bench.log.log_id(), {15, 34}).ok());
    CHECK(bench.ranges().empty());
    const auto drops = notices_in(bench.outbox);
    REQUIRE(drops.size() == 1);
    CHECK(SeqRange{drops[0].first, drops[0].last} == SeqRange{15, 34});
  }
  SUBCASE("the first row of the log") {
    REQUIRE(bench.freezer.resend(Stream::play, bench.log.log_id(), {1, 3}).ok());
    CHECK(bench.ranges() == Ranges{{1, 3}});
  }
  SUBCASE("events rest in no other place") {
    REQUIRE(bench.outbox.add_event({0, Notice{{}, 1, "code", "text"}}).ok());
    bench.freezer.close();
    acknowledge_all(bench);
    bench.clock.advance(31 * kDay);
    REQUIRE(bench.outbox.forget(bench.clock.realtime()).ok());
    REQUIRE(bench.freezer.resend(Stream::event, bench.outbox.event_log_id(), {1, 1}).ok());
    const auto drops = notices_in(bench.outbox);
    REQUIRE(drops.size() == 1);
    CHECK(drops[0].stream == Stream::event);
  }
  all_verify(bench);
  // Wherever the cursor stood, it stands there still.
  bench.play(5);
  bench.freezer.close();
  CHECK(bench.ranges().back() == std::pair<std::uint64_t, std::uint64_t>{101, 105});
}
