// What the courier does with a slow link, a full ingest, and acks it should not believe.
#include <deque>
#include <map>

#include "batch_bench.hpp"
#include "random.hpp"
#include "sanitized.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

Bytes ack_of(const Bench& bench, const BatchAck& entry, std::uint32_t credit) {
  return encode_ack({{entry}, credit}, kScreen, "ingest-1", bench.ingest);
}

BatchAck stored(ByteView bytes) {
  return {*peek_batch_key(bytes), batch_hash_prefix(bytes), AckStatus::stored};
}

// Puts batches of `rows` plays straight into the table, as another process would have left them:
// a month of them would take minutes through freeze(), which syncs each.
void fill_backlog(Bench& bench, int batches, std::size_t bytes) {
  auto database = write_into(bench.paths.outbox_log());
  REQUIRE(database.ok());
  auto transaction = Transaction::begin(*database);
  auto insert = database->prepare(
      "INSERT INTO batch(stream, log_id, first, last, sha256, body, process, frozen_us) VALUES(0, "
      "99, ?, ?, ?, ?, 1, 0)");
  REQUIRE(insert.ok());
  for (int i = 0; i < batches; ++i) {
    Batch batch;
    const auto first = static_cast<std::uint64_t>(1 + 20 * i);
    batch.key = {Stream::play, 99, first, first + 19};
    batch.rows = std::vector<PlayRow>(20);
    Bytes body = encode_batch(batch);
    const Bytes more(bytes, 0);  // an unknown field is kept: only the size matters here
    body.insert(body.end(), {0xa2, 0x06, static_cast<std::uint8_t>(0x80 | (bytes & 0x7f)),
                             static_cast<std::uint8_t>(bytes >> 7)});
    body.insert(body.end(), more.begin(), more.end());
    const Hash256 hash = sha256(body);
    insert->bind(1, column_value(first)).bind(2, column_value(first + 19));
    REQUIRE(insert->bind(3, ByteView(hash)).bind(4, ByteView(body)).run().ok());
  }
  REQUIRE(transaction->commit().ok());
}

}  // namespace

TEST_CASE("credit 0 stops sending but for one batch now and then, and any credit opens it again") {
  Bench bench;
  Courier courier = bench.courier();
  bench.play(20);
  bench.freezer.tick(kPeriod);
  courier.tick(kPeriod);
  REQUIRE(bench.transport.sent.size() == 1);
  courier.receive_ack(ack_of(bench, stored(bench.transport.sent[0].payload), 0), bench.trust);
  for (int i = 0; i < 5; ++i) {
    bench.play(20);
    bench.freezer.tick(kPeriod);
  }
  bench.transport.sent.clear();
  // 10 s, then 20, 40, ... by this test's jitter: one batch each, always the first that is due.
  courier.tick(kPeriod);
  CHECK(bench.transport.sent.empty());
  for (const Micros wait : {10 * kSecond, 20 * kSecond, 40 * kSecond}) {
    const auto before = bench.transport.sent.size();
    bench.clock.advance(wait - 1);
    for (int i = 0; i < 10; ++i) courier.tick(kPeriod);
    CHECK(bench.transport.sent.size() == before);
    bench.clock.advance(1);
    for (int i = 0; i < 10; ++i) courier.tick(kPeriod);
    CHECK(bench.transport.sent.size() == before + 1);
    CHECK(bench.transport.sent.back().payload == bench.transport.sent.front().payload);
  }
  // Taken, but still no room for more: the asking goes on with the next one.
  courier.receive_ack(ack_of(bench, stored(bench.transport.sent[0].payload), 0), bench.trust);
  CHECK(bench.ranges().size() == 4);
  courier.tick(kPeriod);
  CHECK(bench.transport.sent.size() == 3);
  bench.clock.advance(5 * kMinute);
  courier.tick(kPeriod);
  REQUIRE(bench.transport.sent.size() == 4);
  courier.receive_ack(ack_of(bench, stored(bench.transport.sent[3].payload), 100'000), bench.trust);
  bench.transport.sent.clear();
  courier.tick(kPeriod);
  CHECK(bench.transport.sent.size() == 3);
}

TEST_CASE("an ack outside the validity of its key is ignored once the clock is known") {
  Bench bench;
  bench.play(20);
  bench.freezer.tick(kPeriod);
  Courier courier = bench.courier();
  courier.tick(kPeriod);
  const Bytes ack = bench.ack_for(bench.transport.sent.at(0).payload);
  for (TrustedKey& key : bench.trust.keys) {
    key.valid_from = 1000;
    key.valid_until = 2000;
  }
  for (const std::int64_t now : {999, 2000, 5000}) {
    courier.receive_ack(ack, bench.trust, now);
    CHECK(bench.ranges().size() == 1);
  }
  SUBCASE("within it") {
    courier.receive_ack(ack, bench.trust, 1000);
  }
  SUBCASE("at its last second") {
    courier.receive_ack(ack, bench.trust, 1999);
  }
  SUBCASE("without a clock") {
    courier.receive_ack(ack, bench.trust, kNoClock);
  }
  CHECK(bench.ranges().empty());
}

TEST_CASE("an ack never marks the same rows of another stream or of a neighbouring range") {
  Bench bench;
  bench.play(40);
  auto exposure = ExposureLog::open(bench.paths.exposure_log());
  for (std::uint64_t i = 1; i <= 20; ++i)
    REQUIRE(exposure->append({ExposureRow{.play_log_id = 1, .play_seq = i}}).ok());
  bench.freezer.tick(kPeriod);
  Courier courier = bench.courier();
  courier.tick(kPeriod);
  REQUIRE(bench.transport.sent.size() == 3);
  BatchAck ack = stored(bench.transport.sent[0].payload);
  const auto before = bench.waiting().size();
  for (const auto change :
       {+[](BatchAck& a) { a.key.stream = Stream::exposure; },
        +[](BatchAck& a) { a.key.first = 21, a.key.last = 40; },
        +[](BatchAck& a) { a.key.last = 40; }, +[](BatchAck& a) { a.key.log_id ^= 1; },
        +[](BatchAck& a) { a.hash_prefix ^= 1; }}) {
    BatchAck wrong = ack;
    change(wrong);
    courier.receive_ack(ack_of(bench, wrong, 1u << 20), bench.trust);
    CHECK(bench.waiting().size() == before);
  }
  courier.receive_ack(ack_of(bench, ack, 1u << 20), bench.trust);
  CHECK(bench.waiting().size() == before - 1);
}

TEST_CASE("hashes of known creatives are left out, and sent when the ingest asks for them") {
  Bench bench;
  CourierOptions options;
  options.leave_out_hashes = true;
  options.jitter = [](int, Micros base, Micros) { return base; };
  Courier courier(bench.outbox, bench.transport, bench.clock, kScreen, bench.notices.sink(),
                  options);
  const auto play = [&] {
    for (int i = 0; i < 20; ++i) {
      PlayRow row;
      row.boot = bench.clock.boot_id();
      row.creative = static_cast<CreativeId>(1 + i % 5);
      row.content = sha256(as_bytes(std::to_string(i % 5)));
      REQUIRE(bench.log.append(row, 20'000).ok());
    }
    bench.freezer.tick(kPeriod);
    courier.tick(kPeriod);
  };
  auto& sent = bench.transport.sent;
  play();
  play();
  REQUIRE(sent.size() == 2);
  CHECK(decode_batch(sent[1].payload));  // nothing is acknowledged yet: nothing is known
  courier.receive_ack(ack_of(bench, stored(sent[0].payload), 1u << 20), bench.trust);
  play();
  REQUIRE(sent.size() == 3);
  CHECK(sent[2].payload.size() + 5 * 32 <= sent[1].payload.size() + 3);
  CHECK(decode_batch(sent[2].payload).error().code == ErrorCode::not_found);
  BatchAck ask = stored(sent[2].payload);
  ask.status = AckStatus::whole;
  const auto before = bench.waiting().size();
  courier.receive_ack(ack_of(bench, ask, 1u << 20), bench.trust);
  CHECK(bench.waiting().size() == before);  // no receipt
  courier.tick(kPeriod);
  REQUIRE(sent.size() == 4);
  auto whole = decode_batch(sent[3].payload);
  REQUIRE(whole.ok());
  CHECK(whole->key == ask.key);
  CHECK(verify_batch(*whole, kScreen, bench.proof.public_key()).ok());
}

TEST_CASE(
    "what stands in the queue of a slow link is not sent again while acks come, and is when they "
    "stop") {
  Bench bench;
  Courier courier = bench.courier();  // resends after 10 s by this test's jitter
  for (int i = 0; i < 6; ++i) {
    bench.play(20);
    bench.freezer.tick(kPeriod);
  }
  courier.tick(kPeriod);
  auto& sent = bench.transport.sent;
  REQUIRE(sent.size() == 6);
  const auto ack = [&](std::size_t at) {
    courier.receive_ack(ack_of(bench, stored(sent[at].payload), 1u << 20), bench.trust);
  };
  // The line takes 4 s for each, and loses the second.
  for (const auto& [at, times_sent] :
       std::vector<std::pair<std::size_t, std::size_t>>{{0, 6}, {2, 6}, {3, 7}, {4, 7}}) {
    bench.clock.advance(4 * kSecond);
    ack(at);
    courier.tick(kPeriod);
    CHECK(sent.size() == times_sent);
  }
  // After 10 s went what had been overtaken; the last one waited, though its time had come, too.
  CHECK(sent.back().payload == sent[1].payload);
  bench.clock.advance(16 * kSecond - 1);  // the newest round trip
  courier.tick(kPeriod);
  CHECK(sent.size() == 7);
  bench.clock.advance(1);
  courier.tick(kPeriod);
  REQUIRE(sent.size() == 9);
  CHECK(sent[7].payload == sent[1].payload);
  CHECK(sent[8].payload == sent[5].payload);
}

TEST_CASE("a batch that was dropped while it flew holds up nothing") {
  Bench bench;
  bench.play(40);
  bench.freezer.tick(kPeriod);
  Courier courier = bench.courier();
  courier.tick(kPeriod);
  auto database = write_into(bench.paths.outbox_log());
  REQUIRE(database->execute("DELETE FROM batch WHERE first = 1").ok());
  bench.transport.sent.clear();
  bench.clock.advance(kMinute);
  courier.tick(kPeriod);
  CHECK(bench.transport.sent.size() == 1);
}

// 30 days of 15 s plays behind a link of 1 Mbit/s and 200 ms, and a live batch every 20 s.
TEST_CASE("a month of backlog fills a slow link and no live batch waits behind it") {
  constexpr Micros kLive = 20 * kSecond, kTurn = 50 * kMillisecond, kRoundTrip = 200 * kMillisecond;
  constexpr double kBytesPerMicro = 0.125;
  constexpr int kBacklog = kSanitized ? 2160 : 8640;
  constexpr std::size_t kAcked = kSanitized ? 500 : 2000;
  Bench bench;
  bench.freezer.tick(kLive);
  fill_backlog(bench, kBacklog, 400);
  CourierOptions options;
  Random random(5);
  options.jitter = [&random](int attempt, Micros base, Micros cap) {
    return static_cast<Micros>(
        random.below(static_cast<std::uint64_t>(std::min(cap, base << std::min(attempt, 10)))));
  };
  Courier courier(bench.outbox, bench.transport, bench.clock, kScreen, bench.notices.sink(),
                  options);
  struct InLink {
    Micros arrives;
    Bytes payload;
  };
  std::deque<InLink> link;
  std::size_t taken = 0, bytes = 0, backlog_acked = 0, live_acked = 0;
  Micros free_at = bench.clock.boottime(), idle = 0, longest = 0;
  std::map<std::uint64_t, Micros> born;  // live batches by their last row
  const Micros begun = bench.clock.boottime();
  Micros next_live = begun;
  // The table is large enough that walking it each turn would show: the time of the courier's own
  // work is in the test's time-out, a backlog a tenth as long takes a tenth of it.
  while (backlog_acked < kAcked) {
    const Micros now = bench.clock.boottime();
    if (now >= next_live) {
      next_live = now + kLive;
      bench.play(1);
      bench.freezer.tick(0);
      born[bench.log.last_seq()] = now;
    }
    courier.tick(kLive);
    for (; taken < bench.transport.sent.size(); ++taken) {
      Bytes& payload = bench.transport.sent[taken].payload;
      if (free_at < now) {
        idle += now - free_at;
        free_at = now;
      }
      free_at += static_cast<Micros>(static_cast<double>(payload.size() + 40) / kBytesPerMicro);
      bytes += payload.size() + 40;
      link.push_back({free_at + kRoundTrip, std::move(payload)});
    }
    while (!link.empty() && link.front().arrives <= now) {
      const BatchAck ack = stored(link.front().payload);
      link.pop_front();
      courier.receive_ack(ack_of(bench, ack, 1u << 20), bench.trust);
      if (ack.key.log_id == 99) {
        ++backlog_acked;
      } else if (const auto live = born.find(ack.key.last); live != born.end()) {
        longest = std::max(longest, now - live->second);
        born.erase(live);
        ++live_acked;
      }
    }
    bench.clock.advance(kTurn);
  }
  const Micros took = bench.clock.boottime() - begun;
  MESSAGE(kAcked << " batches in " << took / kMillisecond << " ms, link idle "
                 << idle / kMillisecond << " ms, longest wait of a live batch "
                 << longest / kMillisecond << " ms, " << bytes << " bytes");
  CHECK(live_acked >= 1);
  CHECK(live_acked >= static_cast<std::size_t>(took / kLive));
  CHECK(longest <= 2 * kLive);
  CHECK(longest <= 2 * kSecond);  // and far less than that
  CHECK(idle * 10 <= took);
}
