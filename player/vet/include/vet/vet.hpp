// Watches the content store and gives every file a verdict, one throw-away child a file.
#pragma once

#include <map>

#include "platform/clock.hpp"
#include "platform/service.hpp"
#include "state/content_store.hpp"
#include "state/paths.hpp"

namespace vitrine {

// How the child ends when the file is not what --sha256 says, or no longer, or cannot be read.
inline constexpr int kExitOtherBytes = 65;  // EX_DATAERR of sysexits.h

struct VetOptions {
  fs::path program = "/proc/self/exe";  // run with `--file F --sha256 H`
  Micros timeout = 400 * kSecond;  // wall time a file; under the time telemetry waits for a verdict
};

// Runs the child on one file and reads what it found. A child that crashes, is killed, times out or
// talks nonsense means not eligible, with that as the reason. No verdict was reached: `corrupt`,
// the file holds other bytes than `sha256` says, so nothing about it is a word about that creative;
// `unavailable`, a stop, or no child could be started.
Result<Verdict> vet_file(const Clock& clock, const VetOptions& options, const fs::path& file,
                         const Hash256& sha256, const StopSignal* stop);

// Files whose bytes are not those of their name, as they were when that was seen.
using Misnamed = std::map<std::string, FileStamp>;

// Every file of content/ that has no verdict yet, first name first; true when there was one. A
// misnamed one is said once, and looked at again when it is another.
Result<bool> vet_next(const Clock& clock, const VetOptions& options, const StatePaths& paths,
                      Misnamed& misnamed, const StopSignal* stop);

}  // namespace vitrine
