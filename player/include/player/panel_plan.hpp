// When the panel is off by plan: outside the display hours of the signed settings, or because an
// operator said so. Pure but for the order that comes from another thread.
//
// Hours need a clock that is trusted: one that is only held may be hours wrong, and a dark screen
// by day is worse than a lit one by night. Once the hours were known by a trusted clock, the same
// clock will do when it is merely held. Without display hours the panel is always on.
#pragma once

#include <atomic>
#include <vector>

#include "base/zone_table.hpp"
#include "protocol/schedule.hpp"
#include "scheduler/known_clock.hpp"

namespace vitrine {

class PanelPlan {
 public:
  explicit PanelPlan(ZoneTable zone) : zone_(std::move(zone)) {}

  // Whether it is off at `at`. The moment never goes back: what was decided for the seam ahead
  // holds. One thread.
  bool dark(const std::vector<Daypart>& hours, const KnownClock& clock, Micros at);

  // power-on and power-off: over the hours, until they next change; without hours until the player
  // ends or the opposite is ordered. Any thread.
  void order(bool lit) { ordered_ = lit ? Order::on : Order::off; }
  // As dark() said last. Any thread.
  bool is_dark() const { return dark_; }

 private:
  enum class Order { none, on, off };
  bool by_hours(const std::vector<Daypart>& hours, const KnownClock& clock, Micros at);

  ZoneTable zone_;
  std::atomic<Order> ordered_{Order::none};
  std::atomic<bool> dark_{false};
  Order obeyed_ = Order::none;
  bool hours_then_ = false;  // what the hours said when it was given
  bool clock_proven_ = false;
  Micros latest_ = 0;
};

}  // namespace vitrine
