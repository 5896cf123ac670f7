// Which clock a player believes, and what plays look like by it.
#pragma once

#include "scheduler/decide.hpp"

namespace vitrine {

struct KnownClock {
  ClockTrust trust = ClockTrust::none;
  Micros utc_minus_boottime = 0;  // meaningless while trust is none
  bool operator==(const KnownClock&) const = default;

  std::int64_t utc_ms(Micros boottime) const {
    return floor_div(boottime + utc_minus_boottime, kMillisecond);
  }
  std::int64_t utc_s(Micros boottime) const {
    return floor_div(boottime + utc_minus_boottime, kSecond);
  }
  SeamTime seam(Micros boottime) const {
    return {boottime, trust == ClockTrust::none ? 0 : utc_ms(boottime), trust};
  }
};

// A play as decisions remember it, with its local day and hour as far as the clock knows them (day
// 0 while it does not).
HistoryPlay history_play(CampaignId campaign, CreativeId creative, Micros started,
                         const KnownClock& clock, const ZoneTable& zone);

}  // namespace vitrine
