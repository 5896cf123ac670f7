// What the ingest does with a message, without the network: device from the topic, registry,
// decode, verify, dedupe, spool; then one fsync for all that came together, and only then the acks.
//
// The same key with the same rows is acked again and not spooled again, whatever time fix it
// carries. Ranges may overlap: the store takes each row once. The same key with other rows is a
// conflict: one of the two is a lie, so both are kept, the second in quarantine, and it
// is said loudly. What cannot be decoded or verified goes to quarantine with the reason, and is
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
#include "protocol/wire.hpp"

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
  void quarantine(SpoolRecord record, const std::string& reason);
  void learn(const ScreenId& device, const Batch& batch);
  void ask_for_whole(const SpoolRecord& record);
  void ack(const ScreenId& device, const BatchKey& key, ByteView payload, AckStatus status);
  std::uint32_t credit() const;

  IngestOptions options_;
  RegistryFile registry_;
  Spool spool_;
  Spool quarantine_;
  std::map<std::pair<ScreenId, BatchKey>, Hash256> known_;
  std::map<ScreenId, ContentOf> contents_;  // what each creative shows, by what was spooled
  std::set<Hash256>
      quarantined_;  // of device and bytes, so a screen that insists does not fill the disk
  std::map<ScreenId, std::vector<BatchAck>> acks_;
};

}  // namespace vitrine
