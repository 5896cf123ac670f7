// A screen's state directory (docs/contracts.md, "Files on the device"), read and never written:
// who it is, what it logged, and the documents that it decided from.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "operator/archived_generation.hpp"
#include "operator/log_record.hpp"
#include "player/documents.hpp"
#include "scheduler/input_record.hpp"

namespace vitrine::op {

class ScreenState {
 public:
  // `registry`: where the screen's proof key is looked up when the directory itself does not hold
  // it; may be empty. `archive`: where documents are looked up that the directory has pruned.
  // Errors say what is missing.
  static Result<std::unique_ptr<ScreenState>> read(const fs::path& directory,
                                                   const fs::path& registry = {},
                                                   const ArchivePlace& archive = {});

  const DeviceIdentity& identity() const { return identity_; }
  const ZoneTable& zone() const { return zone_; }
  const LogRecord& record() const { return record_; }
  const std::optional<PublicKey>& proof_key() const { return proof_key_; }
  // False: root key or trust are not here, so documents are read without a look at signatures.
  bool signatures_checked() const { return !trusts_.empty(); }

  // Documents as the player checks them, by the trust document of today or an earlier one. They
  // live as long as this.
  Result<const ActiveDocuments*> generation(std::uint64_t number);
  Result<Documents> documents(std::uint64_t generation, std::uint64_t takeover);
  Replay::Archive archive();
  // What had to be taken for granted to put pruned generations together again, a line each.
  const std::vector<std::string>& assumptions() const { return assumptions_; }

  // After the last row of the log.
  const RecordedInputs& last_inputs() const { return last_inputs_; }
  std::int64_t end_utc_ms() const;  // of the last play; kAbsent: no clock was known

 private:
  ScreenState() = default;
  void read_trusts();
  Status read_proof_key(const fs::path& registry);
  Result<ActiveDocuments> check(const Generation& generation) const;
  Result<const ActiveTakeover*> takeover(std::uint64_t version);

  StatePaths paths_;
  ArchivePlace archive_;
  DeviceIdentity identity_;
  ZoneTable zone_;
  LogRecord record_;
  std::optional<PublicKey> proof_key_;
  std::vector<Trust> trusts_;  // newest first
  RecordedInputs last_inputs_;
  std::map<std::uint64_t, ActiveDocuments> generations_;
  std::map<std::uint64_t, ActiveTakeover> takeovers_;
  std::vector<std::string> assumptions_;
};

}  // namespace vitrine::op
