// From rows to a signed ack: where batches close, and what it takes to forget one.
#include "batch_bench.hpp"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("a batch closes at twenty rows, and the rest one batch period after its first row") {
  Bench bench;
  bench.freezer.tick(kPeriod);
  bench.play(19);
  bench.freezer.tick(kPeriod);
  CHECK(bench.ranges().empty());
  bench.play(4);
  bench.freezer.tick(kPeriod);
  CHECK(bench.ranges() == Ranges{{1, 20}});
  bench.clock.advance(kPeriod - 1);
  bench.freezer.tick(kPeriod);
  CHECK(bench.ranges() == Ranges{{1, 20}});
  bench.play(1);
  bench.clock.advance(1);
  bench.freezer.tick(kPeriod);
  CHECK(bench.ranges() == Ranges{{1, 20}, {21, 24}});
  // The period of the next batch starts with its own first row.
  bench.play(1);
  bench.freezer.tick(kPeriod);
  CHECK(bench.ranges().size() == 2);
}

TEST_CASE("rows that an earlier process left have waited, and do not wait for another period") {
  Bench bench;
  bench.freezer.tick(kPeriod);
  bench.play(7);
  bench.freezer.tick(kPeriod);
  CHECK(bench.ranges().empty());
  bench.outbox = bench.open_outbox();  // it is killed, and starts again
  Freezer again = bench.open_freezer();
  again.tick(kPeriod);
  CHECK(bench.ranges() == Ranges{{1, 7}});
  bench.play(2);
  again.tick(kPeriod);
  CHECK(bench.ranges() == Ranges{{1, 7}});
}

TEST_CASE("when one stream has a batch ready, rows half as old of the others go with it") {
  Bench bench;
  auto exposure = ExposureLog::open(bench.paths.exposure_log());
  bench.freezer.tick(kPeriod);
  REQUIRE(exposure->append({ExposureRow{.play_log_id = 1, .play_seq = 1}}).ok());
  bench.freezer.tick(kPeriod);
  bench.clock.advance(kPeriod / 2);
  bench.play(1);
  bench.freezer.tick(kPeriod);
  bench.clock.advance(1);
  REQUIRE(exposure->append_flow({FlowRow{}}).ok());
  bench.freezer.tick(kPeriod);
  CHECK(bench.waiting().empty());
  bench.clock.advance(kPeriod / 2 - 1);
  bench.freezer.tick(kPeriod);
  CHECK(bench.ranges(Stream::exposure) == Ranges{{1, 1}});
  CHECK(bench.ranges(Stream::play) == Ranges{{1, 1}});
  CHECK(bench.ranges(Stream::flow).empty());  // younger than half a period: it waits for its own
}

TEST_CASE("closing freezes every row that is left, of every stream") {
  Bench bench;
  bench.play(47);
  auto exposure = ExposureLog::open(bench.paths.exposure_log());
  REQUIRE(exposure->append({ExposureRow{.play_log_id = 1, .play_seq = 1}}).ok());
  REQUIRE(exposure->append_flow({FlowRow{}}).ok());
  REQUIRE(bench.outbox.add_event({0, Notice{{1, 2}, 3, "code", "text"}}).ok());
  REQUIRE(bench.outbox.add_health({HealthRow{0, {1, 2}, 3, {{"uptime_s", 4}}}}).ok());
  bench.freezer.close();
  CHECK(bench.ranges() == Ranges{{1, 20}, {21, 40}, {41, 47}});
  CHECK(bench.ranges(Stream::exposure) == Ranges{{1, 1}});
  CHECK(bench.ranges(Stream::flow) == Ranges{{1, 1}});
  CHECK(bench.ranges(Stream::health) == Ranges{{1, 1}});
  CHECK(bench.ranges(Stream::event) == Ranges{{1, 1}});
}

TEST_CASE(
    "every play batch verifies alone and links to the one before, across a restart of telemetry") {
  Bench bench;
  REQUIRE(
      bench.outbox.add_fix({bench.clock.boot_id(), 5, 1'000'005, 60 * kSecond, TimeSource::none})
          .ok());
  bench.play(25);
  bench.freezer.close();
  bench.outbox = bench.open_outbox();
  Freezer again = bench.open_freezer();
  bench.play(10);
  again.close();
  Hash256 before = chain_start(kScreen, bench.log.log_id());
  auto unacked = bench.outbox.unacked(0, 100);
  std::sort(unacked->begin(), unacked->end(),
            [](const auto& a, const auto& b) { return a.key < b.key; });
  std::uint64_t rows = 0;
  for (const auto& frozen : *unacked) {
    if (frozen.key.stream != Stream::play) continue;
    auto batch = decode_batch(*bench.outbox.body(frozen.id));
    REQUIRE(batch.ok());
    CHECK(batch->chain_before == before);
    REQUIRE(verify_batch(*batch, kScreen, bench.proof.public_key()).ok());
    CHECK(batch->fix.utc_us == 1'000'005);
    const auto& plays = std::get<std::vector<PlayRow>>(batch->rows);
    before = plays.back().chain;
    rows += plays.size();
  }
  CHECK(rows == 35);
}

TEST_CASE("a kill between freezing and sending loses nothing and freezes nothing twice") {
  Bench bench;
  bench.play(20);
  bench.freezer.tick(kPeriod);
  const Bytes before = *bench.outbox.body(bench.outbox.unacked(0, 1)->at(0).id);
  // The killed process leaves its file as it is; a new one opens it.
  bench.outbox = bench.open_outbox();
  Freezer again = bench.open_freezer();
  again.tick(kPeriod);
  bench.play(5);
  again.tick(kPeriod);
  CHECK(bench.ranges() == Ranges{{1, 20}});
  Courier courier = bench.courier();
  courier.tick(kPeriod);
  REQUIRE(bench.transport.sent.size() == 1);
  CHECK(bench.transport.sent[0].payload == before);
  CHECK(bench.transport.sent[0].topic ==
        DeviceTopics(kScreen).up_back());  // an earlier process's: backlog
}

TEST_CASE(
    "batches of a backlog are frozen several to a transaction, and one that fails freezes none") {
  Bench bench;
  bench.play(1050);
  auto database = write_into(bench.paths.outbox_log());
  REQUIRE(database
              ->execute("CREATE TRIGGER no_room BEFORE INSERT ON batch WHEN NEW.first = 801 BEGIN "
                        "SELECT RAISE(FAIL, 'no room'); END")
              .ok());
  bench.freezer.tick(kPeriod);
  CHECK(bench.ranges().empty());  // the four before it stood in the same transaction
  const auto cursor = bench.outbox.cursor(Stream::play, bench.log.log_id());
  CHECK_FALSE(cursor->has_value());
  REQUIRE(database->execute("DROP TRIGGER no_room").ok());
  bench.freezer.tick(kPeriod);
  // The rest has waited as long as the backlog took; it does not wait for a period, too.
  const Ranges all{{1, 200},    {201, 400},   {401, 600},   {601, 800},
                   {801, 1000}, {1001, 1020}, {1021, 1040}, {1041, 1050}};
  const auto sorted = [&] {
    Ranges ranges = bench.ranges();
    std::sort(ranges.begin(), ranges.end());
    return ranges;
  };
  CHECK(sorted() == all);
  bench.play(10);
  bench.freezer.tick(kPeriod);
  CHECK(sorted() == all);              // what follows does
  bench.outbox = bench.open_outbox();  // killed here: each row is in it once
  Freezer again = bench.open_freezer();
  again.close();
  CHECK(sorted().size() == all.size() + 1);
  CHECK(sorted().back() == std::pair<std::uint64_t, std::uint64_t>{1051, 1060});
}

TEST_CASE("an unacknowledged batch is sent again, byte for byte, later and later") {
  Bench bench;
  bench.play(20);
  bench.freezer.tick(kPeriod);
  Courier courier = bench.courier();
  courier.tick(kPeriod);
  courier.tick(kPeriod);
  REQUIRE(bench.transport.sent.size() == 1);
  CHECK(bench.transport.sent[0].topic == DeviceTopics(kScreen).up(Stream::play));
  bench.clock.advance(10 * kSecond - 1);
  courier.tick(kPeriod);
  CHECK(bench.transport.sent.size() == 1);
  bench.clock.advance(1);
  courier.tick(kPeriod);
  REQUIRE(bench.transport.sent.size() == 2);
  CHECK(bench.transport.sent[1].payload == bench.transport.sent[0].payload);
  bench.clock.advance(19 * kSecond);
  courier.tick(kPeriod);
  CHECK(bench.transport.sent.size() == 2);
  courier.link_up();  // what flew on the old link may have been lost
  courier.tick(kPeriod);
  CHECK(bench.transport.sent.size() == 3);
}

TEST_CASE("only the ingest's ack for the exact batch makes it forgotten") {
  Bench bench;
  bench.play(20);
  bench.freezer.tick(kPeriod);
  Courier courier = bench.courier();
  courier.tick(kPeriod);
  const Bytes body = bench.transport.sent.at(0).payload;
  auto batch = decode_batch(body);
  const BatchAck right{batch->key, batch_hash_prefix(body), AckStatus::stored};
  const auto still_waiting = [&] { return bench.ranges().size() == 1; };

  SUBCASE("signed by a key that is no ingest key") {
    courier.receive_ack(encode_ack({{right}, 0}, kScreen, "ingest-1", bench.operator_key),
                        bench.trust);
    CHECK(still_waiting());
    courier.receive_ack(encode_ack({{right}, 0}, kScreen, "operator-1", bench.operator_key),
                        bench.trust);
    CHECK(still_waiting());
  }
  SUBCASE("for another screen") {
    courier.receive_ack(encode_ack({{right}, 0}, "lobby-2", "ingest-1", bench.ingest), bench.trust);
    CHECK(still_waiting());
  }
  SUBCASE("for another range, log or hash") {
    BatchAck wrong = right;
    wrong.key.last -= 1;
    courier.receive_ack(encode_ack({{wrong}, 0}, kScreen, "ingest-1", bench.ingest), bench.trust);
    wrong = right;
    wrong.key.log_id ^= 1;
    courier.receive_ack(encode_ack({{wrong}, 0}, kScreen, "ingest-1", bench.ingest), bench.trust);
    wrong = right;
    wrong.hash_prefix ^= 1;
    courier.receive_ack(encode_ack({{wrong}, 0}, kScreen, "ingest-1", bench.ingest), bench.trust);
    CHECK(still_waiting());
  }
  SUBCASE("no ack at all") {
    courier.receive_ack(as_bytes("nonsense"), bench.trust);
    CHECK(still_waiting());
  }
  SUBCASE("the right one") {
    courier.receive_ack(bench.ack_for(body), bench.trust);
    CHECK(bench.ranges().empty());
    bench.clock.advance(kHour);
    courier.tick(kPeriod);
    CHECK(bench.transport.sent.size() == 1);
    CHECK(courier.acked() == 1);
    courier.receive_ack(bench.ack_for(body), bench.trust);
    CHECK(courier.acked() == 1);
  }
  SUBCASE("quarantined: reported, and not sent again") {
    courier.receive_ack(bench.ack_for(body, AckStatus::quarantined), bench.trust);
    CHECK(bench.ranges().empty());
    REQUIRE(bench.notices.list.size() == 1);
    CHECK(bench.notices.list[0].first == "batch-quarantined");
    bench.clock.advance(kHour);
    courier.tick(kPeriod);
    CHECK(bench.transport.sent.size() == 1);
  }
}

TEST_CASE("acknowledged batches are kept thirty days and no unacknowledged one is ever dropped") {
  Bench bench;
  bench.play(40);
  bench.freezer.tick(kPeriod);
  Courier courier = bench.courier();
  courier.tick(kPeriod);
  const auto first = bench.outbox.unacked(0, 1)->at(0).id;
  courier.receive_ack(bench.ack_for(bench.transport.sent.at(0).payload), bench.trust);
  REQUIRE(bench.outbox.forget(bench.clock.realtime()).ok());
  CHECK(bench.outbox.body(first).ok());
  REQUIRE(bench.outbox.forget(bench.clock.realtime() + 1).ok());
  CHECK(bench.outbox.body(first).error().code == ErrorCode::not_found);
  CHECK(bench.ranges().size() == 1);
}

TEST_CASE(
    "the window bounds what flies, live batches pass a backlog that fills it, and credit opens "
    "it") {
  Bench bench;
  bench.play(199);  // as ten batches
  bench.freezer.close();
  bench.outbox = bench.open_outbox();  // all of it is backlog now
  CourierOptions options;
  options.jitter = [](int, Micros base, Micros) { return base; };
  options.window_bytes = 2 * bench.outbox.unacked(0, 1)->at(0).size + 100;
  Courier courier(bench.outbox, bench.transport, bench.clock, kScreen, bench.notices.sink(),
                  options);
  courier.tick(kPeriod);
  const std::size_t flying = bench.transport.sent.size();
  CHECK(flying >= 1);
  CHECK(flying < 5);
  Freezer again = bench.open_freezer();
  bench.play(20);
  again.tick(kPeriod);
  courier.tick(kPeriod);
  REQUIRE(bench.transport.sent.size() == flying + 1);
  CHECK(bench.transport.sent.back().topic == DeviceTopics(kScreen).up(Stream::play));
  auto batch = decode_batch(bench.transport.sent[0].payload);
  const BatchAck ack{batch->key, batch_hash_prefix(bench.transport.sent[0].payload),
                     AckStatus::stored};
  courier.receive_ack(encode_ack({{ack}, 1'000'000}, kScreen, "ingest-1", bench.ingest),
                      bench.trust);
  courier.tick(kPeriod);
  CHECK(bench.transport.sent.size() == 11);
}

TEST_CASE("an ack grounds only what it names, however much stands in front of the rest") {
  Bench bench;
  bench.play(20);
  bench.freezer.tick(kPeriod);
  bench.outbox = bench.open_outbox();  // one batch of backlog
  CourierOptions options;
  options.window_bytes = 1'000'000;
  options.jitter = [](int, Micros base, Micros) { return base; };
  Courier courier(bench.outbox, bench.transport, bench.clock, kScreen, bench.notices.sink(),
                  options);
  courier.tick(kPeriod);
  REQUIRE(bench.transport.sent.size() == 1);
  Freezer again = bench.open_freezer();
  for (int i = 0; i < 100; ++i) {
    bench.play(20);
    again.tick(kPeriod);
  }  // a hundred live batches now stand before it in the outbox's order
  courier.tick(kPeriod);
  courier.receive_ack(bench.ack_for(bench.transport.sent.back().payload), bench.trust);
  bench.transport.sent.clear();
  for (int i = 0; i < 20; ++i) courier.tick(kPeriod);
  CHECK(bench.ranges().size() == 100);
  for (const auto& sent : bench.transport.sent) {
    CHECK(sent.topic == DeviceTopics(kScreen).up(Stream::play));  // the backlog is not sent again
  }
}

TEST_CASE(
    "a log replaced under us is read to its end, its end is declared, and the new one begins at "
    "its first row") {
  Bench bench;
  bench.freezer.tick(kPeriod);
  bench.play(3);
  bench.freezer.tick(kPeriod);
  const LogId old_log = bench.log.log_id();
  bench.play(2);
  // The player finds its file damaged at its next start.
  REQUIRE(set_log_aside(bench.paths.plays_log(), "it is damaged").ok());
  bench.log = bench.open_log();
  REQUIRE(bench.log.log_id() != old_log);
  bench.play(4);
  bench.freezer.tick(kPeriod);
  bench.freezer.close();
  CHECK(bench.ranges() == Ranges{{1, 5}, {1, 4}});
  bool ended = false;
  const auto unacked = bench.outbox.unacked(0, 100);
  for (const auto& frozen : *unacked) {
    if (frozen.key.stream != Stream::event) continue;
    auto batch = decode_batch(*bench.outbox.body(frozen.id));
    for (const auto& row : std::get<std::vector<EventRow>>(batch->rows)) {
      const auto* end = std::get_if<LogEnd>(&row.body);
      ended = ended || (end != nullptr && end->log_id == old_log && end->last_seen == 5 &&
                        end->stream == Stream::play);
    }
  }
  CHECK(ended);
}
