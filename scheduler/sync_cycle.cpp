#include "sync_cycle.hpp"

#include <algorithm>

namespace vitrine {
namespace {

constexpr std::int64_t kLeastTurnMs = 1'000;

}  // namespace

SyncStep sync_step(const CompiledSchedule& schedule, const SyncGroup& group, std::int64_t utc_ms) {
  const std::int64_t length = group.cycle_ms;
  const std::int64_t now = utc_ms - floor_div(utc_ms, length) * length;
  std::int64_t from = 0;
  std::int64_t early = 0;
  // Twice round: what is over at the end of the cycle is followed by its beginning.
  for (std::size_t i = 0; i < 2 * group.cycle.size(); ++i) {
    const std::size_t turn = i % group.cycle.size();
    const CompiledCreative* creative = schedule.creative(group.cycle[turn]);
    const bool last = turn + 1 == group.cycle.size();
    const std::int64_t own = creative == nullptr ? kNominalLengthMs : creative->length_ms();
    const std::int64_t lap = i < group.cycle.size() ? length : 2 * length;
    const std::int64_t until = last ? lap : std::min(from + own, lap);
    early = until - now;
    if (now < until && early >= kLeastTurnMs) return {creative, early};
    from = until;
  }
  return {schedule.creative(group.cycle.front()), std::max<std::int64_t>(early, kLeastTurnMs)};
}

}  // namespace vitrine
