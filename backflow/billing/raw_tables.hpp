// The loader's tables, read in the order of the plays' keys: as many screens at a time as fit in
// memory, for each its fixes, exposures and receipts, then its plays one by one.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "backflow/sql_store.hpp"
#include "billing/wall_time.hpp"
#include "protocol/exposure.hpp"
#include "protocol/play.hpp"

namespace vitrine::billing {

struct ScreenRange {
  ScreenId first, last;   // inclusive, by bytes
  std::int64_t rows = 0;  // of `play`, each as often as it stands there
};
// All screens with plays, in ranges of about `most_plays` rows; a screen is never divided.
Result<std::vector<ScreenRange>> screen_ranges(SqlStore& store, std::int64_t most_plays);

struct StoredPlay {
  ScreenId device;
  PlayRow row;
  std::int64_t received_at_us = 0;
  const ExposureRow* exposure = nullptr;
  WallTime wall;
  bool conflict = false;  // its key came with other content, too
};

// Ascending by (device, log_id, seq), each key once; how many there were. No query is open while
// `play` is called, so it may use the store. Of several exposure rows for one play the one that saw
// most of it counts, then the lower key: whichever came first does not matter.
Result<std::int64_t> for_each_play(SqlStore& store, const ScreenRange& range,
                                   const std::function<Status(const StoredPlay&)>& play);

}  // namespace vitrine::billing
