#include "protocol/wire.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>

#include "sample_batches.hpp"

namespace vitrine {
namespace {

using testing::ordinary_plays;
using testing::random_batch;
using testing::RowRandom;
using testing::signed_batch;

const std::string kScreen = "lobby-1";

PrivateKey proof_key() {
  return PrivateKey::from_seed({1, 2, 3});
}

template <class Row>
void check_same_rows(const std::vector<Row>& sent, const std::vector<Row>& got) {
  REQUIRE(sent.size() == got.size());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    std::vector<std::pair<std::string, Bytes>> expected;
    const auto note = [](auto& list) {
      return [&list](std::string_view name, const auto& member) {
        Bytes value;
        if constexpr (is_hash_column<std::remove_reference_t<decltype(member)>>) {
          value.assign(member.begin(), member.end());
        } else {
          append_le64(value, column_value(member));
        }
        list.emplace_back(name, value);
      };
    };
    std::vector<std::pair<std::string, Bytes>> received;
    for_each_column(sent[i], note(expected));
    for_each_column(got[i], note(received));
    for (std::size_t k = 0; k < expected.size(); ++k) {
      INFO("row ", i, " column ", expected[k].first);
      CHECK(expected[k] == received[k]);
    }
  }
}

template <class Row>
void check_round_trip(Stream stream) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const Batch sent = random_batch<Row>(stream, seed);
    const Bytes bytes = encode_batch(sent);
    const auto got = decode_batch(bytes);
    INFO("seed ", seed);
    REQUIRE(got);
    CHECK(got->key == sent.key);
    CHECK(got->fix.utc_us == sent.fix.utc_us);
    CHECK(got->fix.source == sent.fix.source);
    check_same_rows(std::get<std::vector<Row>>(sent.rows), std::get<std::vector<Row>>(got->rows));
    CHECK(encode_batch(*got) == bytes);
  }
}

TEST_CASE("every value of every column comes back from a play batch") {
  check_round_trip<PlayRow>(Stream::play);
}
TEST_CASE("every value of every column comes back from an exposure batch") {
  check_round_trip<ExposureRow>(Stream::exposure);
}
TEST_CASE("every value of every column comes back from a flow batch") {
  check_round_trip<FlowRow>(Stream::flow);
}

TEST_CASE("a figure's name travels once a batch, and any figures in any order come back") {
  Batch batch;
  batch.key = {Stream::health, 5, 1, 20};
  std::vector<HealthRow> rows;
  for (std::int64_t i = 0; i < 20; ++i) {
    HealthRow row{static_cast<std::uint64_t>(i + 1), {1, 2}, i * 60'000'000, {}};
    for (std::int64_t figure = 0; figure < 60; ++figure)
      row.figures.emplace_back("a_figure_of_the_screen_" + std::to_string(figure), figure + i);
    rows.push_back(row);
  }
  batch.rows = rows;
  CHECK(encode_batch(batch).size() < 60 * 30 + 20 * 90);
  // One is missing, two change places, one stands twice, the boot changes, a value is extreme.
  rows[3].figures.erase(rows[3].figures.begin() + 7);
  std::swap(rows[4].figures[0], rows[4].figures[1]);
  rows[5].figures.push_back(rows[5].figures[9]);
  rows[6].boot = {-1, 0};
  rows[7].figures[2].second = std::numeric_limits<std::int64_t>::min();
  rows[8].figures.clear();
  batch.rows = rows;
  const auto got = decode_batch(encode_batch(batch));
  REQUIRE(got);
  const auto& back = std::get<std::vector<HealthRow>>(got->rows);
  REQUIRE(back.size() == rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CHECK(back[i].figures == rows[i].figures);
    CHECK(back[i].boot == rows[i].boot);
    CHECK(back[i].at_us == rows[i].at_us);
  }
}

TEST_CASE("health and events come back with their seq, kind and words") {
  Batch health;
  health.key = {Stream::health, 5, 10, 12};
  health.rows = std::vector<HealthRow>{
      {10, {1, -2}, 77, {{"plays.unacked", 3}, {"cpu.permille", -1}}}, {12, {1, -2}, 99, {}}};
  auto got = decode_batch(encode_batch(health));
  REQUIRE(got);
  const auto figures = std::get<std::vector<HealthRow>>(got->rows);
  REQUIRE(figures.size() == 2);
  CHECK(figures[0].figures == std::get<std::vector<HealthRow>>(health.rows)[0].figures);
  CHECK(figures[1].seq == 12);
  CHECK(figures[1].boot == BootId{1, -2});

  Batch events;
  events.key = {Stream::event, 6, 1, 4};
  Hash256 chain{};
  chain.fill(9);
  events.rows =
      std::vector<EventRow>{{1, Notice{{3, 4}, 5, "schedule-refused", "cannot apply \xff"}},
                            {2, testing::sample_fix()},
                            {3, DropNotice{Stream::play, 8, 1, 7, chain, "disk full"}},
                            {4, LogEnd{Stream::exposure, 9, 1000}}};
  got = decode_batch(encode_batch(events));
  REQUIRE(got);
  const auto rows = std::get<std::vector<EventRow>>(got->rows);
  REQUIRE(rows.size() == 4);
  CHECK(std::get<Notice>(rows[0].body).code == "schedule-refused");
  CHECK(std::get<Notice>(rows[0].body).text == "cannot apply ?");  // protobuf takes UTF-8 only
  CHECK(std::get<TimeFix>(rows[1].body).error_us == 2500);
  CHECK(std::get<DropNotice>(rows[2].body).chain_after == chain);
  CHECK(std::get<LogEnd>(rows[3].body).last_seen == 1000);

  const auto event = decode_event(encode_event(rows[2]));
  REQUIRE(event);
  CHECK(std::get<DropNotice>(event->body).reason == "disk full");
  const auto row = decode_health(encode_health(figures[0]));
  REQUIRE(row);
  CHECK(row->figures.size() == 2);
}

TEST_CASE("a verified batch has the chain and the signature of every row back") {
  const Batch sent = signed_batch(ordinary_plays(20), kScreen, proof_key());
  auto got = decode_batch(encode_batch(sent));
  REQUIRE(got);
  REQUIRE(verify_batch(*got, kScreen, proof_key().public_key()));
  const auto& before = std::get<std::vector<PlayRow>>(sent.rows);
  const auto& after = std::get<std::vector<PlayRow>>(got->rows);
  for (std::size_t i = 0; i < before.size(); ++i) CHECK(after[i].chain == before[i].chain);
  CHECK(after.back().signature == sent.signature);
}

TEST_CASE("a changed bit in any column of any row is denied") {
  const Batch good = signed_batch(ordinary_plays(3), kScreen, proof_key());
  int changed = 0;
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 64; ++column) {
      Batch bad = good;
      std::size_t at = 0;
      bool hit = false;
      for_each_column(std::get<std::vector<PlayRow>>(bad.rows)[row],
                      [&](std::string_view, auto& member) {
                        if (at++ != column) return;
                        hit = true;
                        if constexpr (is_hash_column<std::remove_reference_t<decltype(member)>>) {
                          member[31] ^= 1;
                        } else {
                          set_column(member, column_value(member) ^ 1);
                        }
                      });
      if (!hit) break;
      ++changed;
      const auto verdict = verify_batch(bad, kScreen, proof_key().public_key());
      REQUIRE_FALSE(verdict);
      CHECK(verdict.error().code == ErrorCode::denied);
    }
  }
  CHECK(changed == 3 * 37);
}

TEST_CASE("a batch proves nothing for another screen, another key or another start") {
  const Batch good = signed_batch(ordinary_plays(3), kScreen, proof_key());
  Batch batch = good;
  CHECK_FALSE(verify_batch(batch, "lobby-2", proof_key().public_key()));
  CHECK_FALSE(verify_batch(batch, kScreen, PrivateKey::from_seed({9}).public_key()));
  batch.signature[5] ^= 1;
  CHECK_FALSE(verify_batch(batch, kScreen, proof_key().public_key()));
  batch = good;
  batch.chain_before[0] ^= 1;
  CHECK_FALSE(verify_batch(batch, kScreen, proof_key().public_key()));
}

TEST_CASE("a batch cut short at any byte is refused or still says the same") {
  const Bytes whole = encode_batch(signed_batch(ordinary_plays(20), kScreen, proof_key()));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto got = decode_batch(ByteView(whole).first(size));
    CHECK_FALSE(got);
  }
}

TEST_CASE("no change of a bit makes a verified batch say something else") {
  const Bytes whole = encode_batch(signed_batch(ordinary_plays(8), kScreen, proof_key()));
  const auto good = decode_batch(whole);
  REQUIRE(good);
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    Bytes bent = whole;
    bent[bit / 8] = static_cast<std::uint8_t>(bent[bit / 8] ^ (1u << (bit % 8)));
    auto got = decode_batch(bent);
    if (!got || !verify_batch(*got, kScreen, proof_key().public_key())) continue;
    // The time fix is telemetry's word and not part of the proof; the rows are.
    CHECK(got->key == good->key);
    check_same_rows(std::get<std::vector<PlayRow>>(good->rows),
                    std::get<std::vector<PlayRow>>(got->rows));
  }
}

TEST_CASE("noise is refused without a crash") {
  RowRandom random(99);
  const Bytes whole = encode_batch(signed_batch(ordinary_plays(20), kScreen, proof_key()));
  for (int round = 0; round < 5000; ++round) {
    Bytes noise = whole;
    if (random.one_in(2)) noise.resize(random.below(noise.size()));
    for (std::uint64_t i = 0, n = 1 + random.below(16); i < n && !noise.empty(); ++i) {
      noise[random.below(noise.size())] = static_cast<std::uint8_t>(random.bits());
    }
    auto got = decode_batch(noise);
    if (got) (void)verify_batch(*got, kScreen, proof_key().public_key());
    (void)decode_event(noise);
    (void)decode_health(noise);
  }
}

TEST_CASE(
    "a batch that claims too many rows, or too few, is refused before anything is allocated for "
    "them") {
  Batch batch;
  batch.rows = std::vector<FlowRow>{};
  batch.key = {Stream::flow, 1, 1, 10'000};
  CHECK(decode_batch(encode_batch(batch)));
  for (const BatchKey key :
       {BatchKey{Stream::flow, 1, 1, 10'001}, BatchKey{Stream::flow, 1, 0, 5},
        BatchKey{Stream::flow, 1, 9, 8}, BatchKey{Stream::flow, 1, 1, ~0ull}}) {
    batch.key = key;
    CHECK_FALSE(decode_batch(encode_batch(batch)));
  }
  batch.key = {Stream::exposure, 1, 1, 1};  // the rows are flow
  CHECK_FALSE(decode_batch(encode_batch(batch)));
}

Trust trust_with(const std::string& role, std::vector<std::string> audiences) {
  Trust trust;
  TrustedKey key;
  key.key_id = "ingest-1";
  key.public_key = proof_key().public_key().raw;
  key.role = role;
  key.audiences = std::move(audiences);
  trust.keys.push_back(key);
  return trust;
}

TEST_CASE(
    "an ack counts only when an ingest key of this screen's scope signed it for this screen") {
  const Ack ack{{{{Stream::play, 7, 1, 20}, 0xdeadbeef, AckStatus::stored},
                 {{Stream::flow, 8, 2, 2}, 1, AckStatus::quarantined}},
                65536};
  const Bytes bytes = encode_ack(ack, kScreen, "ingest-1", proof_key());
  const auto got = decode_ack(bytes, kScreen, trust_with("ingest", {"*"}));
  REQUIRE(got);
  REQUIRE(got->batches.size() == 2);
  CHECK(got->batches[0].key == ack.batches[0].key);
  CHECK(got->batches[0].hash_prefix == 0xdeadbeef);
  CHECK(got->batches[1].status == AckStatus::quarantined);
  CHECK(got->credit_bytes == 65536);
  CHECK(decode_ack(bytes, kScreen, trust_with("ingest", {"screen/lobby-1"})));

  CHECK_FALSE(decode_ack(bytes, "lobby-2", trust_with("ingest", {"*"})));
  CHECK_FALSE(decode_ack(bytes, kScreen, trust_with("ingest", {"screen/lobby-2"})));
  CHECK_FALSE(decode_ack(bytes, kScreen, trust_with("backend", {"*"})));
  CHECK_FALSE(decode_ack(bytes, kScreen, Trust{}));
  Trust revoked = trust_with("ingest", {"*"});
  revoked.revoked.push_back("ingest-1");
  CHECK_FALSE(decode_ack(bytes, kScreen, revoked));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Bytes bent = bytes;
    bent[i] ^= 1;
    CHECK_FALSE(decode_ack(bent, kScreen, trust_with("ingest", {"*"})));
  }
}

TEST_CASE("what a play costs on the wire") {
  for (const std::uint64_t count : {20, 200, 1000}) {
    Batch batch = signed_batch(ordinary_plays(count), kScreen, proof_key());
    const std::size_t size = encode_batch(batch).size();
    MESSAGE("play: " << count << " rows, " << size << " bytes, "
                     << static_cast<double>(size) / static_cast<double>(count) << " bytes a play");
    CHECK(size < count * 48);
  }
  std::vector<ExposureRow> rows(20);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].play_log_id = 77;
    rows[i].play_seq = i + 1;
    rows[i].person_ms = static_cast<std::int64_t>(3000 + i * 731 % 9000);
    rows[i].crossings = static_cast<std::int64_t>(i % 4);
    rows[i].coverage_permille = 1000;
    rows[i].quality = Quality::flow;
    rows[i].method = Method::mog2;
  }
  Batch batch;
  batch.key = {Stream::exposure, 1, 1, 20};
  batch.fix = testing::sample_fix();
  batch.rows = rows;
  MESSAGE("exposure: 20 rows, " << encode_batch(batch).size() << " bytes");
}

}  // namespace
}  // namespace vitrine
