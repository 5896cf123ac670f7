#include "backflow/ingest.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <csignal>
#include <limits>

#include "backend_kit.hpp"
#include "protocol/command_picture.hpp"
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

// The rows changed and proven anew, by a screen that tells two stories.
Batch other_story(const BackendKit& kit) {
  Batch batch = kit.plays(1, 20);
  auto& rows = std::get<std::vector<PlayRow>>(batch.rows);
  rows[3].frames_dropped += 1;
  Hash256 chain = batch.chain_before;
  for (const PlayRow& row : rows) chain = chain_next(chain, row);
  batch.signature = sign_chain(kit.proof_key, "lobby-1", batch.key.log_id, batch.key.last, chain);
  return batch;
}

TEST_CASE(
    "the same rows frozen again with another time fix, or in other ranges, contradict nothing") {
  const BackendKit kit;
  Batch later = kit.plays(1, 20);
  later.fix.utc_us += 1;
  for (const bool reopened : {false, true}) {
    Ingest ingest = open_ingest(kit);
    if (!reopened) ingest.take(kTopic, encode_batch(kit.plays(1, 20)), 5);
    ingest.take(kTopic, encode_batch(later), 6);
    ingest.take(kTopic, encode_batch(kit.plays(11, 20)), 7);
    const auto acks = acks_of(ingest, kit);
    REQUIRE(acks.size() == (reopened ? 2 : 3));
    for (const BatchAck& ack : acks) CHECK(ack.status == AckStatus::stored);
    CHECK(acks[acks.size() - 2].hash_prefix == batch_hash_prefix(encode_batch(later)));
  }
  CHECK(records_in(kit.root() / "spool" / "all") == 2);
  CHECK(records_in(kit.root() / "spool" / "quarantine") == 0);
}

TEST_CASE(
    "a batch without hashes that the ingest knows is spooled whole and acked by its whole hash") {
  const BackendKit kit;
  const Bytes first = encode_batch(kit.plays(1, 20)), second = encode_batch(kit.plays(21, 20));
  const Bytes shorter = leave_out_hashes(second, contents_of(kit.plays(1, 20)));
  REQUIRE(shorter.size() + 6 * 32 <= second.size() + 3);
  {
    // Not known yet: asked for, neither taken nor set aside.
    Ingest ingest = open_ingest(kit);
    ingest.take(kTopic, shorter, 5);
    auto acks = acks_of(ingest, kit);
    REQUIRE(acks.size() == 1);
    CHECK(acks[0].status == AckStatus::whole);
    CHECK(acks[0].key == kit.plays(21, 20).key);
    CHECK(ingest.known_batches() == 0);
    ingest.take(kTopic, first, 6);
    acks = acks_of(ingest, kit);
    REQUIRE(acks.size() == 1);
    CHECK(acks[0].status == AckStatus::stored);
  }
  Ingest again = open_ingest(kit);  // what it knows is in the spool
  again.take(kTopic, shorter, 7);
  const auto acks = acks_of(again, kit);
  REQUIRE(acks.size() == 1);
  CHECK(acks[0].status == AckStatus::stored);
  CHECK(acks[0].hash_prefix == batch_hash_prefix(second));
  SpoolReader reader(kit.root() / "spool" / "all", {});
  REQUIRE(reader.next());
  CHECK((*reader.next())->record.payload == second);
  CHECK(records_in(kit.root() / "spool" / "quarantine") == 0);
}

TEST_CASE("hashes filled in wrongly are asked for, never believed and never quarantined") {
  const BackendKit kit;
  ContentOf wrong = contents_of(kit.plays(1, 20));
  Batch old = kit.plays(1, 20);
  {
    // Another file of the same creatives, proven by the same screen.
    auto& rows = std::get<std::vector<PlayRow>>(old.rows);
    Hash256 chain = old.chain_before;
    for (PlayRow& row : rows) {
      row.content[0] ^= 1;
      chain = chain_next(chain, row);
    }
    old.signature = sign_chain(kit.proof_key, "lobby-1", old.key.log_id, old.key.last, chain);
  }
  Ingest ingest = open_ingest(kit);
  ingest.take(kTopic, encode_batch(old), 5);
  CHECK(acks_of(ingest, kit).front().status == AckStatus::stored);
  ingest.take(kTopic, leave_out_hashes(encode_batch(kit.plays(21, 20)), wrong), 6);
  CHECK(acks_of(ingest, kit).front().status == AckStatus::whole);
  CHECK(records_in(kit.root() / "spool" / "quarantine") == 0);
  CHECK(ingest.known_batches() == 1);
}

TEST_CASE("the same key with other rows is a conflict: quarantined, acked as such, kept once") {
  const BackendKit kit;
  const Batch lie = other_story(kit);
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

// How large any file of this process may become, until it is let go: what a full disk does to a
// write, for root too.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    before_handler_ = ::signal(SIGXFSZ, SIG_IGN);
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before_) == 0);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  ~FullDisk() {
    (void)::setrlimit(RLIMIT_FSIZE, &before_);
    (void)::signal(SIGXFSZ, before_handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
  void (*before_handler_)(int) = nullptr;
};

TEST_CASE(
    "on a full disk nothing is acked and nothing is dropped: with room again it is all taken") {
  const BackendKit kit;
  Ingest ingest = open_ingest(kit);
  std::vector<Bytes> batches;
  for (std::uint64_t i = 0; i < 8; ++i) batches.push_back(encode_batch(kit.plays(1 + i * 20, 20)));
  const auto send = [&] {
    for (const Bytes& batch : batches) ingest.take(kTopic, batch, 5);
    return acks_of(ingest, kit).size();
  };
  std::size_t taken = 0;
  {
    const FullDisk full(3 * batches.front().size());
    taken = send();
    CHECK(taken > 0);
    CHECK(taken < batches.size());
    CHECK(ingest.counts().no_room == batches.size() - taken);
  }
  CHECK(records_in(kit.root() / "spool" / "all") == taken);
  CHECK(send() == batches.size());
  CHECK(records_in(kit.root() / "spool" / "all") == batches.size());
  CHECK(records_in(kit.root() / "spool" / "quarantine") == 0);
}

TEST_CASE("what a screen sends above its limit waits, and the next period takes it") {
  ScreenLimits limits({3, 1000});
  for (int i = 0; i < 3; ++i) CHECK(limits.admits("a", 10, 100));
  CHECK_FALSE(limits.admits("a", 10, 100));
  CHECK(limits.admits("b", 10, 100));
  CHECK_FALSE(limits.admits("a", 10, 99 + ScreenLimits::kPeriodUs));
  CHECK(limits.admits("a", 10, 100 + ScreenLimits::kPeriodUs));
  CHECK(limits.admits("b", 990, 200));
  CHECK_FALSE(limits.admits("b", 1, 200));
  // One that is larger than all passes alone; a clock that went back begins a period.
  CHECK(limits.admits("c", 5000, 100));
  CHECK_FALSE(limits.admits("c", 1, 100));
  CHECK(limits.admits("c", 1, 50));
  ScreenLimits none({});
  for (int i = 0; i < 10'000; ++i) REQUIRE(none.admits("a", 1'000'000, 0));

  const BackendKit kit;
  auto ingest = Ingest::open({.spool = kit.root() / "spool",
                              .registry = kit.root() / "registry.json",
                              .key_id = "ingest-1",
                              .sign_key = kit.ingest_key,
                              .most_of_a_screen = {2, 0}});
  REQUIRE(ingest);
  for (std::uint64_t i = 0; i < 3; ++i)
    ingest->take(kTopic, encode_batch(kit.plays(1 + i * 20, 20)), 5);
  CHECK(acks_of(*ingest, kit).size() == 2);
  CHECK(ingest->counts().over_limit == 1);
  ingest->take(kTopic, encode_batch(kit.plays(41, 20)), 5 + ScreenLimits::kPeriodUs);
  CHECK(acks_of(*ingest, kit).size() == 1);
}

TEST_CASE(
    "a screenshot is archived under the hash of its JPEG, for registered screens and bounded") {
  BackendKit kit;
  Ingest ingest = open_ingest(kit);
  const PictureArchive archive(kit.root() / "spool" / "pictures");
  const auto jpeg_of = [](std::uint8_t mark) { return Bytes{0xff, 0xd8, 0xff, mark, 7, 7}; };
  const std::string topic = DeviceTopics("lobby-1").up_picture();
  Bytes message = write_command_picture({Hash256{1}, jpeg_of(1)});
  ingest.take(topic, message, 5);
  ingest.take(topic, message, 6);  // said again
  CHECK(ingest.pending() == 0);
  const Hash256 hash = sha256(jpeg_of(1));
  REQUIRE(archive.read(hash));
  CHECK(*archive.read(hash) == jpeg_of(1));
  CHECK(archive.read(Hash256{9}).error().code == ErrorCode::not_found);

  message[32] = 'G';  // no JPEG
  ingest.take(topic, message, 7);
  ingest.take(DeviceTopics("lobby-2").up_picture(),  // revoked
              write_command_picture({Hash256{1}, jpeg_of(2)}), 8);
  CHECK_FALSE(archive.read(sha256(jpeg_of(2))));
  CHECK(ingest.counts().pictures == 2);
  CHECK(ingest.counts().pictures_refused == 1);
  CHECK(ingest.counts().unknown_screen == 1);

  // More of one screen within a minute than it could take.
  const auto flood = [&](std::uint8_t mark, std::int64_t at_us) {
    ingest.take(topic, write_command_picture({Hash256{1}, jpeg_of(mark)}), at_us);
  };
  for (std::uint8_t mark = 10; mark < 60; ++mark) flood(mark, 9);
  CHECK(ingest.counts().pictures == PictureArchive::kMostOfAScreen.batches - 1);
  CHECK_FALSE(archive.read(sha256(jpeg_of(59))));
  flood(60, 9 + ScreenLimits::kPeriodUs);
  CHECK(archive.read(sha256(jpeg_of(60))));

  // A file that is not what its name says is none.
  const std::string name = to_hex(hash);
  REQUIRE(write_atomic(kit.root() / "spool/pictures" / name.substr(0, 2) / (name + ".jpg"), "x"));
  CHECK(archive.read(hash).error().code == ErrorCode::corrupt);
}

TEST_CASE("a batch from the future is set aside with its cause, one a little ahead is not") {
  const BackendKit kit;
  auto ingest = Ingest::open({.spool = kit.root() / "spool",
                              .registry = kit.root() / "registry.json",
                              .key_id = "ingest-1",
                              .sign_key = kit.ingest_key,
                              .most_ahead_us = 600 * kSecond});
  REQUIRE(ingest);
  const Batch batch = kit.plays(1, 20);
  ingest->take(kTopic, encode_batch(batch), batch.fix.utc_us - 601 * kSecond);
  auto acks = acks_of(*ingest, kit);
  REQUIRE(acks.size() == 1);
  CHECK(acks[0].status == AckStatus::quarantined);
  CHECK(ingest->counts().quarantined[static_cast<std::size_t>(Refusal::future)] == 1);
  ingest->take(kTopic, encode_batch(kit.plays(21, 20)), batch.fix.utc_us - 599 * kSecond);
  acks = acks_of(*ingest, kit);
  REQUIRE(acks.size() == 1);
  CHECK(acks[0].status == AckStatus::stored);
  Batch wild = kit.plays(41, 20);
  wild.fix.utc_us = std::numeric_limits<std::int64_t>::max();
  ingest->take(kTopic, encode_batch(wild), batch.fix.utc_us);
  acks = acks_of(*ingest, kit);
  REQUIRE(acks.size() == 1);
  CHECK(acks[0].status == AckStatus::quarantined);
}

TEST_CASE("the metrics page counts what was done, by stream and by cause") {
  const BackendKit kit;
  Ingest ingest = open_ingest(kit);
  ingest.take(kTopic, encode_batch(kit.plays(1, 20)), 5);
  ingest.take(kTopic, encode_batch(kit.plays(1, 20)), 5);
  Batch forged = kit.plays(21, 20);
  forged.signature[0] ^= 1;
  ingest.take(kTopic, encode_batch(forged), 5);
  ingest.take(DeviceTopics("nobody").up(Stream::play), Bytes{1}, 5);
  CHECK(acks_of(ingest, kit).size() == 3);
  const std::string page = metrics_page(ingest.counts(), {true, ingest.known_batches(), 1, 2, 3});
  for (const char* line :
       {"vitrine_ingest_batches_total{stream=\"play\"} 1\n",
        "vitrine_ingest_rows_total{stream=\"play\"} 20\n", "vitrine_ingest_again_total 1\n",
        "vitrine_ingest_quarantined_total{cause=\"forged\"} 1\n",
        "vitrine_ingest_quarantined_total{cause=\"future\"} 0\n",
        "vitrine_ingest_unknown_screen_total 1\n", "vitrine_ingest_connected 1\n",
        "# TYPE vitrine_ingest_known_batches gauge\n"}) {
    CAPTURE(line);
    CHECK(page.find(line) != std::string::npos);
  }
}

}  // namespace
}  // namespace vitrine
