// Plays through the real ingest into a spool, and from a spool into a store.
#pragma once

#include <string>

#include "base/result.hpp"
#include "platform/file.hpp"

namespace vitrine::bench {

struct Cost {
  std::size_t plays = 0;
  double wall_s = 0;
  double cpu_s = 0;  // of this process, all threads
};

// Decoded, verified, looked up, written, fsynced, acknowledged: in commits of as many messages as
// the daemon takes at most. Makes keys, registry and spool below `folder`.
Result<Cost> take_in(const fs::path& folder, std::size_t plays, std::size_t rows);
// What is in the spool of `folder` into the store, until nothing is left.
Result<Cost> load(const fs::path& folder, const std::string& store);
// Both at once, the loader on a thread of its own as in the daemon: until the last row is
// committed.
Result<Cost> take_in_and_load(const fs::path& folder, std::size_t plays, std::size_t rows,
                              const std::string& store);

// Fills `billed_play` with plays of twelve campaigns, 28 days on 1,000 screens in 100 areas, and
// asks three times each: the exposure table by hour of all campaigns, that of one, and what a
// report of that one asks. Prints the seconds.
Status exposure_table(const std::string& store, std::size_t plays);

}  // namespace vitrine::bench
