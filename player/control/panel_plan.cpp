#include "player/panel_plan.hpp"

#include <algorithm>

#include "protocol/daypart.hpp"

namespace vitrine {

bool PanelPlan::dark(const std::vector<Daypart>& hours, const KnownClock& clock, Micros at) {
  latest_ = std::max(latest_, at);
  const bool off_hours = by_hours(hours, clock, latest_);
  if (const Order order = ordered_.exchange(Order::none); order != Order::none) {
    obeyed_ = order;
    hours_then_ = off_hours;
  } else if (off_hours != hours_then_) {
    obeyed_ = Order::none;
  }
  hours_then_ = off_hours;
  dark_ = obeyed_ == Order::none ? off_hours : obeyed_ == Order::off;
  return dark_;
}

bool PanelPlan::by_hours(const std::vector<Daypart>& hours, const KnownClock& clock, Micros at) {
  clock_proven_ =
      clock.trust == ClockTrust::trusted || (clock_proven_ && clock.trust == ClockTrust::held);
  if (hours.empty() || !clock_proven_) return false;
  return daypart_days(hours, local_time(zone_, clock.utc_s(at))).empty();
}

}  // namespace vitrine
