// Rows that a screen has given numbers to and that the store has not: what is left of a log's
// numbers from 1 to the highest stored, without what is stored and without what the screen itself
// declared as dropped. Numbers are given without a gap, so each is a row that is on its way, in
// quarantine, or was lost here: after a restore from a backup these are what `resend` asks for
// again.
#pragma once

#include <vector>

#include "backflow/sql_store.hpp"
#include "protocol/batch.hpp"

namespace vitrine {

struct Gap {
  ScreenId device;
  Stream stream = Stream::play;
  LogId log_id = 0;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

// By screen, stream, log and number. Of one screen, or of all when `device` is empty. Rows behind
// the highest stored are not known of: the screen's next batch shows them.
Result<std::vector<Gap>> find_gaps(SqlStore& store, const ScreenId& device = {});

}  // namespace vitrine
