#include "protocol/quota.hpp"

#include <algorithm>

namespace vitrine {

std::int64_t quota_due(const std::vector<std::uint32_t>& goal_milli, std::uint16_t phase,
                       std::int64_t day) {
  if (day < 0) return 0;
  const auto days = std::min<std::int64_t>(day + 1, static_cast<std::int64_t>(goal_milli.size()));
  std::int64_t sum = phase;
  for (std::int64_t i = 0; i < days; ++i) sum += goal_milli[static_cast<std::size_t>(i)];
  return sum / 1000;
}

}  // namespace vitrine
