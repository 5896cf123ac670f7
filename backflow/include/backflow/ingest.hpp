// What the ingest does with a message, without the network: device from the topic, registry,
// decode, verify, dedupe, spool; then one fsync for all that came together, and only then the acks.
//
// The same key with the same bytes is acked again and not spooled again. So is one that differs in
// its time fix alone: an outbox that was made again freezes the rows once more, and by then knows
// the time from elsewhere. Ranges may overlap: the store takes each row once. The same key with
// other rows is a conflict: one of the two is a lie, so both are kept, the second in quarantine, and
// it is said loudly. What cannot be decoded or verified goes to quarantine with the reason, and is
// acked as quarantined so that it never blocks its screen.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "backflow/registry_file.hpp"
#include "backflow/spool.hpp"
#include "platform/crypto.hpp"
#include "protocol/batch.hpp"

namespace vitrine {

struct IngestOptions {
  fs::path spool;     // quarantine lies below it
  fs::path registry;  // registry.json
  std::string key_id;
  PrivateKey sign_key;
  std::uint64_t segment_bytes = Spool::kSegmentBytes;
};

struct OutgoingAck {
  std::string topic;
  Bytes payload;
};

class Ingest {
 public:
  // Rebuilds the index of known batches from the spool.
  static Result<Ingest> open(IngestOptions options);

  // Nothing is durable or acked before commit(). `received_at_us`: UTC.
  void take(const std::string& topic, ByteView payload, std::int64_t received_at_us);
  // Makes durable what was taken and returns the acks for it, one a screen. After an error the
  // process must end: what the disk holds is unknown until the spool is read again.
  Result<std::vector<OutgoingAck>> commit();

  bool pending() const { return !acks_.empty(); }
  std::size_t known_batches() const { return known_.size(); }

 private:
  Ingest(IngestOptions options, Spool spool, Spool quarantine);
  Status rebuild();
  void take_batch(const RegisteredScreen& screen, SpoolRecord record);
  bool has_these_rows(const SpoolPosition& at, const Batch& batch) const;
  void quarantine(SpoolRecord record, const std::string& reason);
  void ack(const ScreenId& device, const BatchKey& key, ByteView payload, AckStatus status);
  std::uint32_t credit() const;

  IngestOptions options_;
  RegistryFile registry_;
  Spool spool_;
  Spool quarantine_;
  struct Known {
    Hash256 hash;
    SpoolPosition at;
  };
  std::map<std::pair<ScreenId, BatchKey>, Known> known_;
  std::set<Hash256>
      quarantined_;  // of device and bytes, so a screen that insists does not fill the disk
  std::map<ScreenId, std::vector<BatchAck>> acks_;
};

}  // namespace vitrine
