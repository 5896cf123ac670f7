#include <limits>

#include "player/schedule_programme.hpp"

namespace vitrine {

Result<ScreenLog> read_screen_log(PlayLog& log) {
  ScreenLog read;
  auto newest = log.newest(kMostRecentPlays);
  if (!newest) return std::move(newest).error();
  read.plays = std::move(*newest);
  auto clocks = log.clock_inputs();
  if (!clocks) return std::move(clocks).error();
  read.inputs = std::move(*clocks);
  using Day = std::numeric_limits<std::int64_t>;
  auto tally = log.tally(Day::min(), Day::max());
  if (!tally) return std::move(tally).error();
  for (const PlayLog::TallyEntry& entry : *tally) {
    read.tally.push_back({entry.campaign, entry.creative, entry.local_day, entry.plays});
  }
  return read;
}

}  // namespace vitrine
