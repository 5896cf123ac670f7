// A generation that its screen has pruned, put together again from the backend's archive of signed
// documents (backflow/desired.hpp), by the versions that its plays name.
#pragma once

#include "platform/file.hpp"
#include "scheduler/replay.hpp"
#include "state/generation.hpp"

namespace vitrine::op {

struct ArchivePlace {
  fs::path directory;  // of vitrine-desired; empty: there is none
  fs::path origin;     // bodies of references lie below its documents/; may be empty
};

// Settings are named by no row: the newest that was issued before the generation's first play
// counts. `not_found` says which document is missing.
Result<Generation> archived_generation(const ArchivePlace& archive, const DeviceIdentity& identity,
                                       const ScreenLog& log, std::uint64_t number);
// The takeover of that version, as signed.
Result<std::string> archived_takeover(const ArchivePlace& archive, const DeviceIdentity& identity,
                                      std::uint64_t version);

}  // namespace vitrine::op
