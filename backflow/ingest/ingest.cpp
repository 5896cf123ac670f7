#include "backflow/ingest.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "platform/log.hpp"
#include "protocol/topics.hpp"
#include "protocol/wire.hpp"

namespace vitrine {
namespace {

constexpr std::array<std::string_view, 6> kBatchLeaves = {"up/play",   "up/exposure", "up/flow",
                                                          "up/health", "up/event",    "up/back"};
constexpr std::uint32_t kFullCredit = 1u << 20;
// Below this much free disk screens keep what they have: they hold weeks, a full server disk holds
// nothing.
constexpr std::uintmax_t kLeastFreeBytes = 64u << 20;

Hash256 hash_of(const ScreenId& device, ByteView payload) {
  Sha256 hash;
  hash.add(as_bytes(device));
  hash.add(as_bytes("/"));
  hash.add(payload);
  return hash.finish();
}

// Of what a batch says, the time fix left out: a screen whose outbox was destroyed freezes the same
// rows again with the fix it has by then, and that contradicts nothing.
Hash256 rows_hash(const ScreenId& device, Batch& batch) {
  const TimeFix fix = std::exchange(batch.fix, {});
  const Hash256 hash = hash_of(device, encode_batch(batch));
  batch.fix = fix;
  return hash;
}

std::string words(const BatchKey& key) {
  return std::string(name_of(key.stream)) + " " + std::to_string(key.first) + ".." +
         std::to_string(key.last) + " of log " + std::to_string(key.log_id);
}

// Acks are small; one packet must stay far below what a screen accepts.
constexpr std::size_t kMostAcksAPacket = 500;

}  // namespace

Ingest::Ingest(IngestOptions options, Spool spool, Spool quarantine)
    : options_(std::move(options)),
      registry_(options_.registry),
      spool_(std::move(spool)),
      quarantine_(std::move(quarantine)) {}

Result<Ingest> Ingest::open(IngestOptions options) {
  auto spool = Spool::open(options.spool / "all", options.segment_bytes);
  if (!spool) return std::move(spool).error();
  auto quarantine = Spool::open(options.spool / "quarantine", options.segment_bytes);
  if (!quarantine) return std::move(quarantine).error();
  Ingest ingest(std::move(options), *std::move(spool), *std::move(quarantine));
  if (auto rebuilt = ingest.rebuild(); !rebuilt)
    return std::move(rebuilt).error().context("cannot read the spool");
  return ingest;
}

Status Ingest::rebuild() {
  SpoolReader stored(options_.spool / "all", {});
  for (;;) {
    auto entry = stored.next();
    if (!entry) return std::move(entry).error();
    if (!*entry) break;
    const SpoolRecord& record = (*entry)->record;
    if (auto batch = decode_batch(record.payload)) {
      const Hash256 hash = rows_hash(record.device, *batch);
      known_.try_emplace({record.device, batch->key}, hash);
      learn(record.device, *batch);
    }
  }
  SpoolReader bad(options_.spool / "quarantine", {});
  for (;;) {
    auto entry = bad.next();
    if (!entry) return std::move(entry).error();
    if (!*entry) return ok();
    quarantined_.insert(hash_of((*entry)->record.device, (*entry)->record.payload));
  }
}

void Ingest::take(const std::string& topic, ByteView payload, std::int64_t received_at_us) {
  const auto parsed = parse_device_topic(topic);
  if (!parsed) {
    log_warn("message on {}: no screen has this topic; dropped", topic);
    return;
  }
  if (std::find(kBatchLeaves.begin(), kBatchLeaves.end(), parsed->leaf) == kBatchLeaves.end())
    return;
  const RegisteredScreen* screen = registry_.current().find(parsed->device);
  if (screen == nullptr || screen->revoked) {
    log_warn("batch from {}: the screen is {}; dropped without an ack", parsed->device,
             screen == nullptr ? "not in the registry" : "revoked");
    return;
  }
  take_batch(*screen,
             {received_at_us, parsed->device, topic, {}, Bytes(payload.begin(), payload.end())});
}

void Ingest::take_batch(const RegisteredScreen& screen, SpoolRecord record) {
  ContentOf& contents = contents_[record.device];
  auto batch = decode_batch(record.payload, contents);
  const auto shortened = [&] { return !decode_batch(record.payload); };
  if (!batch) {
    if (batch.error().code == ErrorCode::not_found) return ask_for_whole(record);
    return quarantine(std::move(record), batch.error().message);
  }
  if (batch->key.stream == Stream::play && shortened()) {
    // Filled in wrongly, where a creative has got another file since: only the whole can tell.
    Batch proof = *batch;
    if (!verify_batch(proof, record.device, PublicKey{screen.proof_key}))
      return ask_for_whole(record);
    record.payload = encode_batch(*batch);  // from here on it is what the screen froze
  }
  const Hash256 hash = rows_hash(record.device, *batch);
  const auto known = known_.find({record.device, batch->key});
  if (known != known_.end()) {
    if (known->second == hash)
      return ack(record.device, batch->key, record.payload, AckStatus::stored);
    log_error("ALARM: {} sent {} a second time with other content", record.device,
              words(batch->key));
    return quarantine(std::move(record),
                      "conflict: " + words(batch->key) + " is known with another hash");
  }
  if (auto verified = verify_batch(*batch, record.device, PublicKey{screen.proof_key}); !verified) {
    return quarantine(std::move(record), verified.error().message);
  }
  if (auto spooled = spool_.append(record); !spooled) {
    log_error("cannot take {} from {}: {}; not acknowledged, the screen keeps it",
              words(batch->key), record.device, spooled.error().message);
    return;
  }
  known_.emplace(std::pair(record.device, batch->key), hash);
  learn(record.device, *batch);
  ack(record.device, batch->key, record.payload, AckStatus::stored);
}

void Ingest::learn(const ScreenId& device, const Batch& batch) {
  for (const auto& [creative, content] : contents_of(batch)) contents_[device][creative] = content;
}

void Ingest::ask_for_whole(const SpoolRecord& record) {
  if (const auto key = peek_batch_key(record.payload))
    ack(record.device, *key, record.payload, AckStatus::whole);
}

void Ingest::quarantine(SpoolRecord record, const std::string& reason) {
  const Hash256 hash = hash_of(record.device, record.payload);
  if (!quarantined_.contains(hash)) {
    record.reason = reason;
    if (auto kept = quarantine_.append(record); !kept) {
      log_error("cannot quarantine a batch from {}: {}; not acknowledged", record.device,
                kept.error().message);
      return;
    }
    quarantined_.insert(hash);
    log_warn("batch on {}: {}; quarantined", record.topic, reason);
  }
  if (const auto key = peek_batch_key(record.payload)) {
    ack(record.device, *key, record.payload, AckStatus::quarantined);
  }
}

void Ingest::ack(const ScreenId& device, const BatchKey& key, ByteView payload, AckStatus status) {
  acks_[device].push_back({key, batch_hash_prefix(payload), status});
}

Result<std::vector<OutgoingAck>> Ingest::commit() {
  if (auto synced = spool_.sync(); !synced) return std::move(synced).error();
  if (auto synced = quarantine_.sync(); !synced) return std::move(synced).error();
  const std::uint32_t credit_bytes = credit();
  std::vector<OutgoingAck> outgoing;
  for (auto& [device, batches] : acks_) {
    for (std::size_t at = 0; at < batches.size(); at += kMostAcksAPacket) {
      const auto from = batches.begin() + static_cast<std::ptrdiff_t>(at);
      const auto count = std::min(kMostAcksAPacket, batches.size() - at);
      const Ack ack{{from, from + static_cast<std::ptrdiff_t>(count)}, credit_bytes};
      outgoing.push_back({DeviceTopics(device).ack(),
                          encode_ack(ack, device, options_.key_id, options_.sign_key)});
    }
  }
  acks_.clear();
  return outgoing;
}

std::uint32_t Ingest::credit() const {
  std::error_code error;
  const fs::space_info space = fs::space(options_.spool, error);
  return !error && space.available < kLeastFreeBytes ? 0 : kFullCredit;
}

}  // namespace vitrine
