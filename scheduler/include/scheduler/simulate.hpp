// A screen without a screen: plays what decide() says, one slot after the other, and remembers it
// as a player does. Pure: the same documents, zone and beginning give the same slots on every CPU.
#pragma once

#include "scheduler/scheduler.hpp"

namespace vitrine {

struct SimulatedSlot {
  std::int64_t utc_ms = 0;
  std::int64_t length_ms = 0;
  bool dark = false;  // outside the display hours: nothing was decided
  std::int64_t local_day = 0;
  int local_hour = 0;
  int hour_of_week = 0;
  Decision decision;
};

// Takes every file of the schedule as present, vetted and, where it states no length, 10 s long;
// replace() knows better.
// The documents and the zone are borrowed for its life. Its boot clock runs beside UTC.
class SimulatedScreen {
 public:
  SimulatedScreen(const Documents& documents, const ZoneTable& zone, std::int64_t from_utc_ms);

  // What is on the glass next. Where nothing may be shown: a second of it, after which a player
  // asks again; where the display is off by plan: the time until the next minute.
  SimulatedSlot next();
  // Why everything else was kept out of that slot, and where everybody stood. Not of a dark one.
  std::vector<Rejection> why_not();
  Standings standings();

  // From the next slot on: other documents, other files at hand, no power for a while.
  void replace(const Documents& documents);
  void replace(ContentState content);
  void power_off(std::int64_t length_ms);
  // Before the first slot: what was played before, on a boot clock that reads as UTC does.
  void remember(const History& history);

 private:
  bool lit(const LocalTime& local) const;
  std::int64_t whole_length_ms(const Decision& decision) const;
  void count_last();

  Scheduler scheduler_;
  Documents documents_;
  ZoneTable zone_;
  std::map<Hash256, std::uint32_t> length_ms_;  // of videos, where somebody measured them
  Question question_;
  SimulatedSlot last_;  // on the glass; counted when the next one is asked for
  std::int64_t utc_ms_;
};

}  // namespace vitrine
