#include "calendar.hpp"

#include "base/time.hpp"

namespace vitrine {
const Flight* flight_in_force(const std::vector<Flight>& flights,
                              const std::vector<std::int64_t>& days) {
  for (const Flight& flight : flights) {
    for (const std::int64_t day : days) {
      if (flight.first_day <= day && day <= flight.last_day) return &flight;
    }
  }
  return nullptr;
}

bool is_undated(const Flight& flight) {
  return flight.first_day <= 0 && flight.last_day >= days_from_civil({9999, 12, 31});
}

const Flight* undated_flight(const Campaign& campaign) {
  // A daily limit needs to know which day it is, just as a daypart does.
  if (!campaign.dayparts.empty() || campaign.rules.daily_cap != 0 || campaign.max_plays_day != 0) {
    return nullptr;
  }
  for (const Flight& flight : campaign.flights) {
    if (is_undated(flight)) return &flight;
  }
  return nullptr;
}

}  // namespace vitrine
