#include "backflow/ingest.hpp"

#include <doctest/doctest.h>

#include "backend_kit.hpp"
#include "protocol/topics.hpp"
#include "protocol/wire.hpp"

namespace vitrine {
namespace {

using testing::BackendKit;

const std::string kTopic = DeviceTopics("lobby-1").up(Stream::play);

Ingest open_ingest(const BackendKit& kit) {
  auto ingest = Ingest::open(
      {kit.root() / "spool", kit.root() / "registry.json", "ingest-1", kit.ingest_key});
  REQUIRE(ingest);
  return *std::move(ingest);
}

std::vector<BatchAck> acks_of(Ingest& ingest, const BackendKit& kit) {
  std::vector<BatchAck> acks;
  auto outgoing = ingest.commit();
  REQUIRE(outgoing);
  for (const OutgoingAck& out : *outgoing) {
    CHECK(out.topic == DeviceTopics("lobby-1").ack());
    auto ack = decode_ack(out.payload, "lobby-1", kit.trust);
    REQUIRE(ack);
    CHECK(ack->credit_bytes > 0);
    acks.insert(acks.end(), ack->batches.begin(), ack->batches.end());
  }
  return acks;
}

std::size_t records_in(const fs::path& directory) {
  SpoolReader reader(directory, {});
  std::size_t count = 0;
  for (;;) {
    auto entry = reader.next();
    REQUIRE(entry);
    if (!*entry) return count;
    ++count;
  }
}

TEST_CASE(
    "exactly the batches taken are acked, with the hash of their bytes, after they are in the "
    "spool") {
  const BackendKit kit;
  Ingest ingest = open_ingest(kit);
  const Bytes one = encode_batch(kit.plays(1, 20));
  const Bytes two = encode_batch(kit.plays(21, 20));
  ingest.take(kTopic, one, 5);
  ingest.take(DeviceTopics("lobby-1").up_back(), two, 6);
  const auto acks = acks_of(ingest, kit);
  REQUIRE(acks.size() == 2);
  CHECK(acks[0].key == kit.plays(1, 20).key);
  CHECK(acks[0].hash_prefix == batch_hash_prefix(one));
  CHECK(acks[0].status == AckStatus::stored);
  CHECK(acks[1].key == kit.plays(21, 20).key);
  CHECK(records_in(kit.root() / "spool" / "all") == 2);
  CHECK(ingest.pending() == 0);
}

TEST_CASE("the same bytes again are acked again and not spooled again, also after a restart") {
  const BackendKit kit;
  const Bytes batch = encode_batch(kit.plays(1, 20));
  for (int start = 0; start < 3; ++start) {
    Ingest ingest = open_ingest(kit);
    CHECK(ingest.known_batches() == (start == 0 ? 0 : 1));
    for (int i = 0; i < 2; ++i) {
      ingest.take(kTopic, batch, 5);
      const auto acks = acks_of(ingest, kit);
      REQUIRE(acks.size() == 1);
      CHECK(acks[0].status == AckStatus::stored);
    }
  }
  CHECK(records_in(kit.root() / "spool" / "all") == 1);
}

TEST_CASE("the same key with other bytes is a conflict: quarantined, acked as such, kept once") {
  const BackendKit kit;
  Batch lie = kit.plays(1, 20);
  lie.fix.utc_us += 1;  // verifies, but is not what was frozen
  const Bytes bytes = encode_batch(lie);
  {
    Ingest ingest = open_ingest(kit);
    ingest.take(kTopic, encode_batch(kit.plays(1, 20)), 5);
    CHECK(acks_of(ingest, kit).size() == 1);
    ingest.take(kTopic, bytes, 6);
    const auto acks = acks_of(ingest, kit);
    REQUIRE(acks.size() == 1);
    CHECK(acks[0].status == AckStatus::quarantined);
    CHECK(acks[0].hash_prefix == batch_hash_prefix(bytes));
  }
  Ingest again = open_ingest(kit);
  again.take(kTopic, bytes, 7);
  CHECK(acks_of(again, kit).front().status == AckStatus::quarantined);
  CHECK(records_in(kit.root() / "spool" / "all") == 1);
  CHECK(records_in(kit.root() / "spool" / "quarantine") == 1);
  SpoolReader reader(kit.root() / "spool" / "quarantine", {});
  CHECK((*reader.next())->record.reason.find("conflict: play 1..20 of log") == 0);
}

TEST_CASE("several threads take the same batches in the same order as one, and answer the same") {
  const BackendKit kit;
  std::vector<Bytes> messages;
  for (std::uint64_t i = 0; i < 60; ++i) {
    Batch batch = kit.plays(1 + i * 20, 20);
    messages.push_back(encode_batch(batch));
    if (i % 5 == 0) messages.push_back(messages.back());  // the same again
    if (i % 7 == 0) {                                     // a lie about what is known
      batch.fix.utc_us += 1;
      messages.push_back(encode_batch(batch));
    }
    if (i % 11 == 0) {  // rows nobody signed
      batch.signature[0] ^= 1;
      messages.push_back(encode_batch(batch));
    }
    if (i % 13 == 0) messages.push_back(Bytes(i, 0xff));
  }
  const auto taken_by = [&](unsigned threads) {
    const fs::path spool = kit.root() / ("spool-" + std::to_string(threads));
    auto ingest = Ingest::open({.spool = spool,
                                .registry = kit.root() / "registry.json",
                                .key_id = "ingest-1",
                                .sign_key = kit.ingest_key,
                                .threads = threads});
    REQUIRE(ingest);
    std::vector<Bytes> answers;
    for (std::size_t i = 0; i < messages.size(); ++i) {
      ingest->take(kTopic, messages[i], static_cast<std::int64_t>(i));
      if (i % 40 != 39 && i + 1 != messages.size()) continue;
      auto outgoing = ingest->commit();
      REQUIRE(outgoing);
      for (OutgoingAck& out : *outgoing) answers.push_back(std::move(out.payload));
    }
    CHECK(ingest->known_batches() == 60);
    for (const char* part : {"all", "quarantine"}) {
      auto bytes = read_file(spool_segment_path(spool / part, 1));
      REQUIRE(bytes);
      answers.push_back(*std::move(bytes));
    }
    return answers;
  };
  const auto by_one = taken_by(1);
  CHECK(by_one == taken_by(2));
  CHECK(by_one == taken_by(8));
}

TEST_CASE("a batch that does not verify is quarantined and never blocks its screen") {
  const BackendKit kit;
  Ingest ingest = open_ingest(kit);
  Batch forged = kit.plays(1, 20);
  std::get<std::vector<PlayRow>>(forged.rows)[3].creative = 999;
  ingest.take(kTopic, encode_batch(forged), 5);
  auto acks = acks_of(ingest, kit);
  REQUIRE(acks.size() == 1);
  CHECK(acks[0].status == AckStatus::quarantined);
  // The true batch of the same key is still welcome.
  ingest.take(kTopic, encode_batch(kit.plays(1, 20)), 6);
  acks = acks_of(ingest, kit);
  REQUIRE(acks.size() == 1);
  CHECK(acks[0].status == AckStatus::stored);
}

TEST_CASE("bytes that are no batch are kept in quarantine; there is nothing to ack") {
  const BackendKit kit;
  Ingest ingest = open_ingest(kit);
  ingest.take(kTopic, Bytes{'h', 'e', 'l', 'l', 'o'}, 5);
  CHECK(acks_of(ingest, kit).empty());
  CHECK(records_in(kit.root() / "spool" / "quarantine") == 1);
  // Rows nobody can read under a key that can be read: acked as quarantined.
  Batch odd;
  odd.key = {Stream::flow, 1, 9, 8};
  odd.rows = std::vector<FlowRow>{};
  ingest.take(kTopic, encode_batch(odd), 5);
  const auto acks = acks_of(ingest, kit);
  REQUIRE(acks.size() == 1);
  CHECK(acks[0].key == odd.key);
  CHECK(acks[0].status == AckStatus::quarantined);
}

TEST_CASE("an unknown or revoked screen gets no ack, until the registry names it") {
  BackendKit kit;
  Ingest ingest = open_ingest(kit);
  const Bytes batch = encode_batch(kit.plays(1, 20));
  ingest.take(DeviceTopics("lobby-2").up(Stream::play), batch, 5);
  ingest.take(DeviceTopics("lobby-3").up(Stream::play), batch, 5);
  ingest.take("vt/v1/99/lobby-1/up/play", batch, 5);
  ingest.take(DeviceTopics("lobby-1").up_reply(), batch, 5);
  CHECK(ingest.pending() == 0);
  kit.registry.screens.push_back(kit.screen("lobby-3"));
  REQUIRE(kit.write_registry_file());
  // The file's time may be that of the write before; a registry is written by people, not twice in
  // a tick.
  fs::last_write_time(kit.root() / "registry.json",
                      fs::file_time_type::clock::now() + std::chrono::seconds(2));
  ingest.take(DeviceTopics("lobby-3").up(Stream::play), batch, 5);
  CHECK(ingest.pending() == 1);
}

}  // namespace
}  // namespace vitrine
