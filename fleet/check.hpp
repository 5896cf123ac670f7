// Reads a spool as an auditor does: whether every play of every log is in it exactly once.
#pragma once

#include <cstdint>

#include "platform/file.hpp"

namespace vitrine::fleet {

struct SpoolCheck {
  std::size_t logs = 0;
  std::uint64_t plays = 0;        // distinct ones
  std::uint64_t twice = 0;        // rows that came in more than one batch
  std::uint64_t missing = 0;      // rows that must have been, for a later one of their log is there
  std::uint64_t quarantined = 0;  // batches
};
// `spool` as in backend.toml. Rows behind the last one stored cannot be missed: compare `plays`.
Result<SpoolCheck> check_spool(const fs::path& spool);

}  // namespace vitrine::fleet
