// The modelled currency: what the profile of an area says one play is worth, in integers that
// repeat on every CPU (docs/contracts.md, "Currency"). Planner, scheduler and exposure all count
// with these; figures observed by a camera are another matter and never mixed with them.
//
// Unit: thousandths of an impression a play. Every division is cut off, so a modelled figure is
// never above what the profile says; the two divisions of a target figure are cut off one after
// the other.
#pragma once

#include <cstdint>
#include <vector>

#include "protocol/profile.hpp"
#include "protocol/schedule.hpp"

namespace vitrine {

// The average number of persons in the zone during a play: footfall x dwell_ms / 3600. The same for
// every length of play.
std::int64_t avg_milli(const ProfileHour& hour);

// Persons who have an opportunity to see a play of `play_ms`, who are in the zone for at least a
// second of it: footfall x max(0, play_ms + dwell_ms - 2000) / 3600; 0 when the play or the dwell
// is below one second.
std::int64_t ots_milli(const ProfileHour& hour, std::int64_t play_ms);

std::int64_t imp_milli(Currency currency, const ProfileHour& hour, std::int64_t play_ms);

// The share of the hour's persons who belong to `target_groups` (0..9, each once), of 10000. No
// groups: everybody is meant.
std::int64_t target_share(const ProfileHour& hour, const std::vector<std::uint8_t>& target_groups);

// imp x share / 10000. `imp_milli` >= 0, `share` 0..10000.
std::int64_t target_imp_milli(std::int64_t imp_milli, std::int64_t share);

// What one play of `play_ms` of this campaign is worth in that hour.
std::int64_t target_imp_milli(const Campaign& campaign, const ProfileHour& hour,
                              std::int64_t play_ms);

}  // namespace vitrine
