// Delivery against goal: what a contract promised by each day, and what was delivered by then.
// Pure; integers in thousandths of the contract's unit.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

namespace vitrine {

enum class DeliveryUnit { plays, impressions };

// As in contracts.csv (docs/planner.md). Days are local calendar days, both inclusive.
struct DeliveryGoal {
  DeliveryUnit unit = DeliveryUnit::plays;
  std::int64_t goal = 0;  // whole plays, or whole target impressions
  std::int64_t first_day = 0;
  std::int64_t last_day = 0;
};

// What was paid on one day. Target impressions that were observed and those that were modelled are
// never added up: a goal in impressions is told how far each has come.
struct DeliveredDay {
  std::int64_t plays = 0;
  std::int64_t observed_target_milli = 0;
  std::int64_t modelled_target_milli = 0;
  bool restated = false;
};

struct DeliveryDay {
  std::int64_t day = 0;
  std::int64_t planned_milli = 0;      // of this day
  std::int64_t planned_sum_milli = 0;  // up to its end
  DeliveredDay delivered;
  DeliveredDay sum;  // up to its end
};

struct Delivery {
  std::vector<DeliveryDay> days;  // all of the contract, and others on which something was paid
  DeliveredDay sum;
  std::int64_t unknown_day_plays = 0;  // day 0: paid, but nobody knows when
};

// The goal spread evenly over its days, as the planner spreads it: up to the end of the n-th day
// floor(1000 x goal x n / days).
Delivery delivery(const DeliveryGoal& goal, const std::map<std::int64_t, DeliveredDay>& delivered);

}  // namespace vitrine
