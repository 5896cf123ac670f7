// What the ingest does with a message, without the network: device from the topic, registry; then
// for all that came together decode and verify (on several threads, for that is where the time
// goes), dedupe and spool in the order of arrival, one fsync, and only then the acks.
//
// The same key with the same bytes is acked again and not spooled again. So is one that differs in
// its time fix alone: an outbox that was made again freezes the rows once more, and by then knows
// the time from elsewhere. Ranges may overlap: the store takes each row once. The same key with
// other rows is a conflict: one of the two is a lie, so both are kept, the second in quarantine,
// and it is said loudly. What cannot be decoded or verified goes to quarantine with the reason, and
// is acked as quarantined so that it never blocks its screen.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "backflow/ingest_counts.hpp"
#include "backflow/picture_archive.hpp"
#include "backflow/registry_file.hpp"
#include "backflow/screen_limits.hpp"
#include "backflow/spool.hpp"
#include "platform/crypto.hpp"
#include "protocol/batch.hpp"
#include "protocol/wire.hpp"

namespace vitrine {

struct IngestOptions {
  fs::path spool;     // quarantine and pictures lie below it
  fs::path registry;  // registry.json
  std::string key_id;
  PrivateKey sign_key;
  std::uint64_t segment_bytes = Spool::kSegmentBytes;
  unsigned threads = 1;  // that decode, verify and sign
  ScreenLimits::Most most_of_a_screen = {};
  // A batch whose time fix claims a later moment than that of its receipt by more than this goes to
  // quarantine: its plays would be billed on days to come. 0: is not asked.
  std::int64_t most_ahead_us = 0;
};

struct OutgoingAck {
  std::string topic;
  Bytes payload;
};

class Ingest {
 public:
  // Rebuilds the index of known batches from the spool.
  static Result<Ingest> open(IngestOptions options);

  // Nothing is looked into, durable or acked before commit(). `received_at_us`: UTC. A screenshot
  // is archived at once: nobody waits for a receipt of it, and who asked for it has his own.
  void take(const std::string& topic, Bytes payload, std::int64_t received_at_us);
  // Makes durable what was taken and returns the acks for it, one a screen. After an error the
  // process must end: what the disk holds is unknown until the spool is read again.
  Result<std::vector<OutgoingAck>> commit();

  std::size_t pending() const { return taken_.size(); }  // messages taken since the last commit
  std::size_t known_batches() const { return known_.size(); }
  SpoolPosition spool_end() const { return spool_.end(); }  // durable after a commit
  const IngestCounts& counts() const { return counts_; }

 private:
  Ingest(IngestOptions options, Spool spool, Spool quarantine);
  // A message and what is found out about it without changing anything.
  struct Taken {
    SpoolRecord record;
    PublicKey proof_key;
    Hash256 hash{};               // of the payload
    std::optional<BatchKey> key;  // when it can be read
    bool known = false;           // with this hash, so it need not be verified again
    bool lacking = false;         // hashes were left out that we do not know, or know otherwise
    ContentOf contents;           // of its creatives
    Status verdict = ok();
    Refusal refusal = Refusal::unreadable;  // where the verdict is against it
  };
  struct Known {
    Hash256 hash{};  // of the payload
    SpoolPosition at;
  };

  Status rebuild();
  void take_picture(const ScreenId& device, ByteView payload, std::int64_t received_at_us);
  void examine(Taken& taken) const;  // several threads at a time
  void refuse_future(Taken& taken, const TimeFix& fix) const;
  void settle(Taken& taken);
  bool has_these_rows(const SpoolPosition& at, ByteView payload) const;
  void quarantine(Taken& taken, Refusal refusal, const std::string& reason);
  void ack(const Taken& taken, AckStatus status);
  std::vector<OutgoingAck> sign_acks();
  std::uint32_t credit() const;

  IngestOptions options_;
  RegistryFile registry_;
  ScreenLimits limits_, picture_limits_{PictureArchive::kMostOfAScreen};
  PictureArchive pictures_;
  IngestCounts counts_;
  Spool spool_;
  Spool quarantine_;
  std::vector<Taken> taken_;
  std::map<std::pair<ScreenId, BatchKey>, Known> known_;
  std::map<ScreenId, ContentOf> contents_;  // what each creative shows, by what was spooled
  std::set<Hash256>
      quarantined_;  // of device and bytes, so a screen that insists does not fill the disk
  std::map<ScreenId, std::vector<BatchAck>> acks_;
};

}  // namespace vitrine
