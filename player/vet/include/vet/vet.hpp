// Watches the content store and gives every file a verdict, one throw-away child a file.
#pragma once

#include "platform/clock.hpp"
#include "platform/service.hpp"
#include "state/content_store.hpp"
#include "state/paths.hpp"

namespace vitrine {

struct VetOptions {
  fs::path program = "/proc/self/exe";  // run with `--file F`
  Micros timeout = 400 * kSecond;  // wall time a file; under the time telemetry waits for a verdict
};

// Runs the child on one file and reads what it found. A child that crashes, is killed, times out or
// talks nonsense means not eligible, with that as the reason. `unavailable`: no verdict was reached
// (stop, or no child could be started).
Result<Verdict> vet_file(const Clock& clock, const VetOptions& options, const fs::path& file,
                         const Hash256& sha256, const StopSignal* stop);

// Every file of content/ that has no verdict yet, oldest name first; true when there was one.
Result<bool> vet_next(const Clock& clock, const VetOptions& options, const StatePaths& paths,
                      const StopSignal* stop);

}  // namespace vitrine
