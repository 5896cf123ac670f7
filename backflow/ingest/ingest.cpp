#include "backflow/ingest.hpp"

#include <algorithm>
#include <array>

#include "in_parallel.hpp"
#include "platform/log.hpp"
#include "protocol/command_picture.hpp"
#include "protocol/topics.hpp"
#include "protocol/wire.hpp"

namespace vitrine {
namespace {

constexpr std::array<std::string_view, 6> kBatchLeaves = {"up/play",   "up/exposure", "up/flow",
                                                          "up/health", "up/event",    "up/back"};
constexpr std::string_view kPictureLeaf = "up/picture";
constexpr std::uint32_t kFullCredit = 1u << 20;
// Below this much free disk screens keep what they have: they hold weeks, a full server disk holds
// nothing.
constexpr std::uintmax_t kLeastFreeBytes = 64u << 20;

// Two screens may send the same bytes; only one of them lies.
Hash256 quarantine_hash(const ScreenId& device, const Hash256& payload) {
  Sha256 hash;
  hash.add(as_bytes(device));
  hash.add(as_bytes("/"));
  hash.add(payload);
  return hash.finish();
}

std::string words(const BatchKey& key) {
  return std::string(name_of(key.stream)) + " " + std::to_string(key.first) + ".." +
         std::to_string(key.last) + " of log " + std::to_string(key.log_id);
}

// Acks are small; one packet must stay far below what a screen accepts.
constexpr std::size_t kMostAcksAPacket = 500;
// Verifying or signing this many takes longer than starting a thread for them.
constexpr std::size_t kWorthAThread = 8;

}  // namespace

Ingest::Ingest(IngestOptions options, Spool spool, Spool quarantine)
    : options_(std::move(options)),
      registry_(options_.registry),
      limits_(options_.most_of_a_screen),
      pictures_(options_.spool / "pictures"),
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
      known_.try_emplace({record.device, batch->key}, Known{sha256(record.payload), (*entry)->at});
      for (const auto& [creative, content] : contents_of(*batch))
        contents_[record.device][creative] = content;
    }
  }
  SpoolReader bad(options_.spool / "quarantine", {});
  for (;;) {
    auto entry = bad.next();
    if (!entry) return std::move(entry).error();
    if (!*entry) return ok();
    const SpoolRecord& record = (*entry)->record;
    quarantined_.insert(quarantine_hash(record.device, sha256(record.payload)));
  }
}

void Ingest::take(const std::string& topic, Bytes payload, std::int64_t received_at_us) {
  const auto parsed = parse_device_topic(topic);
  if (!parsed) {
    log_warn("message on {}: no screen has this topic; dropped", topic);
    return;
  }
  const bool is_picture = parsed->leaf == kPictureLeaf;
  if (!is_picture &&
      std::find(kBatchLeaves.begin(), kBatchLeaves.end(), parsed->leaf) == kBatchLeaves.end())
    return;
  const RegisteredScreen* screen = registry_.find(parsed->device);
  if (screen == nullptr || screen->revoked) {
    log_warn("{} from {}: the screen is {}; dropped without an ack",
             is_picture ? "picture" : "batch", parsed->device,
             screen == nullptr ? "not in the registry" : "revoked");
    ++counts_.unknown_screen;
    return;
  }
  if (is_picture) return take_picture(parsed->device, payload, received_at_us);
  if (!limits_.admits(parsed->device, payload.size(), received_at_us)) {
    // Said by the counter alone: a line for each would be a flood of its own.
    ++counts_.over_limit;
    return;
  }
  Taken& taken = taken_.emplace_back();
  taken.record = {received_at_us, parsed->device, topic, {}, std::move(payload)};
  taken.proof_key = PublicKey{screen->proof_key};
}

void Ingest::take_picture(const ScreenId& device, ByteView payload, std::int64_t received_at_us) {
  if (!picture_limits_.admits(device, payload.size(), received_at_us)) {
    ++counts_.pictures_refused;  // a line for each would be a flood of its own
    return;
  }
  const auto picture = read_command_picture(payload);
  Status kept = ok();
  if (!picture) {
    kept = fail(ErrorCode::invalid,
                "it is no JPEG of at most " + std::to_string(kMostPictureBytes / 1024) + " KiB");
  } else if (credit() == 0) {
    kept = fail(ErrorCode::exhausted, "the disk is nearly full");
  } else {
    kept = pictures_.keep(picture->jpeg);
  }
  ++(kept ? counts_.pictures : counts_.pictures_refused);
  if (!kept) log_warn("a picture from {} is not archived: {}", device, kept.error().message);
}

void Ingest::examine(Taken& taken) const {
  static const ContentOf kNothing;
  const ScreenId& device = taken.record.device;
  Bytes& payload = taken.record.payload;
  const auto contents = contents_.find(device);
  auto batch = decode_batch(payload, contents == contents_.end() ? kNothing : contents->second);
  if (!batch) {
    taken.hash = sha256(payload);
    taken.key = peek_batch_key(payload);
    taken.lacking = batch.error().code == ErrorCode::not_found;
    taken.verdict = std::move(batch).error();
    return;
  }
  const bool filled_in = leaves_out_hashes(payload);
  if (filled_in) payload = encode_batch(*batch);  // from here on it is what the screen froze
  taken.hash = sha256(payload);
  taken.key = batch->key;
  taken.contents = contents_of(*batch);
  const auto known = known_.find({device, batch->key});
  taken.known = known != known_.end() && known->second.hash == taken.hash;
  if (!taken.known) {
    taken.verdict = verify_batch(*batch, device, taken.proof_key);
    taken.refusal = Refusal::forged;
    if (taken.verdict) refuse_future(taken, batch->fix);
  }
  // Filled in wrongly, where a creative has got another file since: only the whole can tell.
  taken.lacking = filled_in && !taken.verdict;
}

void Ingest::refuse_future(Taken& taken, const TimeFix& fix) const {
  if (options_.most_ahead_us == 0 || fix.source == TimeSource::none) return;
  // Compared without adding to what the screen said, which may be any number.
  const std::int64_t latest = taken.record.received_at_us + options_.most_ahead_us;
  if (fix.utc_us <= latest) return;
  taken.verdict = fail(ErrorCode::invalid, "its time fix lies more than " +
                                               std::to_string(options_.most_ahead_us / 1'000'000) +
                                               " s in the future");
  taken.refusal = Refusal::future;
}

void Ingest::settle(Taken& taken) {
  const SpoolRecord& record = taken.record;
  if (taken.lacking) {
    ++counts_.asked_whole;
    if (taken.key) ack(taken, AckStatus::whole);
    return;
  }
  if (taken.key) {
    const auto known = known_.find({record.device, *taken.key});
    if (known != known_.end()) {
      if (known->second.hash == taken.hash || has_these_rows(known->second.at, record.payload)) {
        ++counts_.again;
        return ack(taken, AckStatus::stored);
      }
      log_error("ALARM: {} sent {} a second time with other content", record.device,
                words(*taken.key));
      return quarantine(taken, Refusal::conflict,
                        "conflict: " + words(*taken.key) + " is known with other rows");
    }
  }
  if (!taken.verdict) return quarantine(taken, taken.refusal, taken.verdict.error().message);
  auto spooled = spool_.append(record);
  if (!spooled) {
    log_error("cannot take {} from {}: {}; not acknowledged, the screen keeps it",
              words(*taken.key), record.device, spooled.error().message);
    ++counts_.no_room;
    return;
  }
  const auto stream = static_cast<std::size_t>(taken.key->stream);
  ++counts_.batches[stream];
  counts_.rows[stream] += taken.key->last - taken.key->first + 1;
  counts_.bytes += record.payload.size();
  known_.emplace(std::pair(record.device, *taken.key), Known{taken.hash, *spooled});
  for (const auto& [creative, content] : taken.contents)
    contents_[record.device][creative] = content;
  ack(taken, AckStatus::stored);
}

// Read back rather than kept in mind: it is asked once in the life of an outbox, if ever.
bool Ingest::has_these_rows(const SpoolPosition& at, ByteView payload) const {
  auto batch = decode_batch(payload);
  SpoolReader reader(options_.spool / "all", at);
  auto entry = reader.next();
  if (!batch || !entry || !*entry) return false;
  auto stored = decode_batch((*entry)->record.payload);
  if (!stored) return false;
  stored->fix = batch->fix;
  return encode_batch(*stored) == encode_batch(*batch);
}

void Ingest::quarantine(Taken& taken, Refusal refusal, const std::string& reason) {
  const ScreenId& device = taken.record.device;
  const Hash256 hash = quarantine_hash(device, taken.hash);
  if (!quarantined_.contains(hash)) {
    taken.record.reason = reason;
    if (auto kept = quarantine_.append(taken.record); !kept) {
      log_error("cannot quarantine a batch from {}: {}; not acknowledged", device,
                kept.error().message);
      ++counts_.no_room;
      return;
    }
    ++counts_.quarantined[static_cast<std::size_t>(refusal)];
    quarantined_.insert(hash);
    log_warn("batch on {}: {}; quarantined", taken.record.topic, reason);
  }
  if (taken.key) ack(taken, AckStatus::quarantined);
}

void Ingest::ack(const Taken& taken, AckStatus status) {
  const auto prefix = static_cast<std::uint64_t>(read_le64(taken.hash.data()));
  acks_[taken.record.device].push_back({*taken.key, prefix, status});
}

Result<std::vector<OutgoingAck>> Ingest::commit() {
  in_parallel(taken_.size(), options_.threads, kWorthAThread,
              [&](std::size_t i) { examine(taken_[i]); });
  for (Taken& taken : taken_) settle(taken);
  taken_.clear();
  if (auto synced = spool_.sync(); !synced) return std::move(synced).error();
  if (auto synced = quarantine_.sync(); !synced) return std::move(synced).error();
  return sign_acks();
}

std::vector<OutgoingAck> Ingest::sign_acks() {
  struct Unsigned {
    const ScreenId* device;
    Ack ack;
  };
  const std::uint32_t credit_bytes = credit();
  std::vector<Unsigned> packets;
  for (const auto& [device, batches] : acks_) {
    for (std::size_t at = 0; at < batches.size(); at += kMostAcksAPacket) {
      const auto from = batches.begin() + static_cast<std::ptrdiff_t>(at);
      const auto count = std::min(kMostAcksAPacket, batches.size() - at);
      packets.push_back(
          {&device, {{from, from + static_cast<std::ptrdiff_t>(count)}, credit_bytes}});
    }
  }
  std::vector<OutgoingAck> outgoing(packets.size());
  in_parallel(packets.size(), options_.threads, kWorthAThread, [&](std::size_t i) {
    const ScreenId& device = *packets[i].device;
    outgoing[i] = {DeviceTopics(device).ack(),
                   encode_ack(packets[i].ack, device, options_.key_id, options_.sign_key)};
  });
  acks_.clear();
  return outgoing;
}

std::uint32_t Ingest::credit() const {
  std::error_code error;
  const fs::space_info space = fs::space(options_.spool, error);
  return !error && space.available < kLeastFreeBytes ? 0 : kFullCredit;
}

}  // namespace vitrine
