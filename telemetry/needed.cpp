#include "needed.hpp"

#include <algorithm>

namespace vitrine {
namespace {

constexpr std::int64_t kLast = 1'000'000;

}  // namespace

std::map<Hash256, std::int64_t> days_until_needed(const Schedule& schedule,
                                                  std::optional<std::int64_t> today) {
  std::map<CreativeId, std::int64_t> days;
  const auto note = [&](CreativeId creative, std::int64_t in_days) {
    const auto known = days.try_emplace(creative, in_days).first;
    known->second = std::min(known->second, in_days);
  };
  for (const CreativeId creative : schedule.house) note(creative, 0);
  note(schedule.layout.corner_creative, 0);
  if (schedule.sync) {
    for (const CreativeId creative : schedule.sync->cycle) note(creative, 0);
  }
  for (const Campaign& campaign : schedule.campaigns) {
    for (const Flight& flight : campaign.flights) {
      const std::int64_t in_days = !today                     ? 0
                                   : flight.last_day < *today ? kLast
                                                              : flight.first_day - *today;
      for (const WeightedCreative& entry : flight.creatives)
        note(entry.creative, std::max<std::int64_t>(in_days, 0));
    }
  }
  std::map<Hash256, std::int64_t> needed;
  for (const Creative& creative : schedule.creatives) {
    const auto found = days.find(creative.id);
    const std::int64_t in_days = found == days.end() ? kLast : found->second;
    for (const Variant& variant : creative.variants) {
      const auto known = needed.try_emplace(variant.content, in_days).first;
      known->second = std::min(known->second, in_days);
    }
  }
  return needed;
}

}  // namespace vitrine
