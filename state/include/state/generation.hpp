// offered/<gen>/: one complete, immutable set of documents (docs/contracts.md, "Files on the
// device"). Telemetry writes it, the manifest last; the player reads it. A generation without a
// manifest does not exist.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "protocol/document.hpp"
#include "state/paths.hpp"

namespace vitrine {

// The JWS texts exactly as signed. A schedule is what makes a generation; the others may be
// missing.
struct GenerationFiles {
  std::string schedule;
  std::string numbers;
  std::string profile;
  std::string settings;
  // The documents themselves, of those that are signed by reference (protocol/reference.hpp).
  std::string schedule_body;
  std::string numbers_body;
  std::string profile_body;
};

// Over the documents exactly as signed: says that a generation still is what it was.
Hash256 digest_of(const GenerationFiles& files);

struct Generation {
  std::uint64_t number = 0;
  GenerationFiles files;
  std::vector<Hash256>
      creatives;  // every content hash of the schedule; each was present and had a verdict
};

class GenerationStore {
 public:
  explicit GenerationStore(StatePaths paths) : paths_(std::move(paths)) {}

  std::vector<std::uint64_t> list() const;  // complete ones, ascending
  // Checks every file against the manifest; `corrupt` names the one that differs.
  Result<Generation> read(std::uint64_t number) const;
  // Writes number = 1 + the highest in offered/ or player/active, fsynced, manifest last.
  Result<std::uint64_t> offer(const GenerationFiles& files, const std::vector<Hash256>& creatives);
  // Removes all but `keep` and the newest; called by the writer.
  Status prune(const std::vector<std::uint64_t>& keep);

  // offered/trust/<ver>: the highest version; empty when none arrived yet. Which one holds:
  // state/trust_file.hpp.
  Result<std::string> newest_trust() const;
  Status put_trust(std::uint64_t version, const std::string& jws);

  // offered/takeover/<n>: n counts what telemetry offered, over all audiences; the highest is what
  // counts. The last 32 are kept, so that a past day can be audited.
  Result<std::string> newest_takeover() const;
  Status put_takeover(const std::string& jws);

 private:
  StatePaths paths_;
};

// Files of a directory whose names are whole numbers, the highest first.
std::vector<fs::path> numbered_files(const fs::path& directory);

// player/active: fsynced before the act it announces.
struct ActiveState {
  std::uint64_t trying = 0;  // 0 = none
  std::uint32_t attempts = 0;
  std::uint64_t confirmed = 0;
  std::vector<std::uint64_t> rejected;
  std::string rejected_reason;  // of the newest rejected one, for telemetry's report
  std::uint64_t starts = 0;     // of the player, ever
  Hash256 confirmed_digest{};   // of the confirmed documents; zero: not known
};
Result<ActiveState> read_active(const StatePaths& paths);  // a missing file is a fresh state
Status write_active(const StatePaths& paths, const ActiveState& state);

// Version floors: one small fsynced file per (kind, audience); a version must be above the floor to
// be new.
class VersionFloors {
 public:
  explicit VersionFloors(fs::path directory) : directory_(std::move(directory)) {}
  std::uint64_t get(DocumentKind kind, const Audience& audience) const;  // 0 = none yet
  std::uint64_t highest(DocumentKind kind) const;                        // of all its audiences
  Status raise(DocumentKind kind, const Audience& audience, std::uint64_t version);

 private:
  fs::path directory_;
};

}  // namespace vitrine
