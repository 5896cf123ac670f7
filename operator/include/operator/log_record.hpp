// A play log read whole and without disturbing its owner, and whether its chain holds.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "platform/crypto.hpp"
#include "platform/file.hpp"
#include "scheduler/replay.hpp"
#include "state/log_file.hpp"

namespace vitrine::op {

struct LogRecord {
  LogId log_id = 0;
  ScreenLog log;
};

// In pieces of at most 500 rows; a player may go on writing meanwhile.
Result<LogRecord> read_log_record(const LogPlace& place);

struct ChainCheck {
  std::vector<std::string> faults;  // one line each
  std::size_t signatures = 0;       // looked at
};

// Every row's hash follows from the one before. Signatures, where `proof_key` is at hand, of the
// rows from `first` to `last` (places in the log) and of the last of all: it speaks for every row
// before it.
ChainCheck check_chain(const LogRecord& record, const ScreenId& screen,
                       const std::optional<PublicKey>& proof_key, std::size_t first,
                       std::size_t last);

}  // namespace vitrine::op
