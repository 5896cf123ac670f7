#include "backflow/delivery.hpp"

#include <algorithm>

#include "base/math.hpp"

namespace vitrine {
namespace {

void add(DeliveredDay& sum, const DeliveredDay& day) {
  sum.plays += day.plays;
  sum.observed_target_milli += day.observed_target_milli;
  sum.modelled_target_milli += day.modelled_target_milli;
  sum.restated = sum.restated || day.restated;
}

std::int64_t planned_by_end_of(const DeliveryGoal& goal, std::int64_t day) {
  const std::int64_t days = goal.last_day - goal.first_day + 1;
  const std::int64_t past = std::clamp<std::int64_t>(day - goal.first_day + 1, 0, days);
  return mul_div(1000 * goal.goal, past, days);
}

}  // namespace

Delivery delivery(const DeliveryGoal& goal, const std::map<std::int64_t, DeliveredDay>& delivered) {
  std::map<std::int64_t, DeliveredDay> days = delivered;
  Delivery result;
  if (const auto unknown = days.find(0); unknown != days.end()) {
    result.unknown_day_plays = unknown->second.plays;
    days.erase(unknown);
  }
  if (goal.goal > 0)
    for (std::int64_t day = goal.first_day; day <= goal.last_day; ++day) days[day];
  for (const auto& [day, amount] : days) {
    add(result.sum, amount);
    DeliveryDay line;
    line.day = day;
    if (goal.goal > 0) {
      line.planned_sum_milli = planned_by_end_of(goal, day);
      line.planned_milli = line.planned_sum_milli - planned_by_end_of(goal, day - 1);
    }
    line.delivered = amount;
    line.sum = result.sum;
    result.days.push_back(line);
  }
  return result;
}

}  // namespace vitrine
