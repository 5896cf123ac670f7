// Where a sync group's cycle stands: by the clock alone, so that screens which know the time show
// the same without ever talking to one another.
#pragma once

#include "compiled_schedule.hpp"

namespace vitrine {

struct SyncStep {
  const CompiledCreative* creative = nullptr;
  std::int64_t rest_ms = 0;  // until the next one's turn
};

// The cycle's beginnings lie at whole multiples of its length since 1970; its creatives follow one
// another, each for its length, and the last holds until the end. A turn with less than a second
// left is over: its successor comes that much early.
SyncStep sync_step(const CompiledSchedule& schedule, const SyncGroup& group, std::int64_t utc_ms);

}  // namespace vitrine
