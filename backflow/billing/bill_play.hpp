// One stored play with all that is known of it -> its row of billed_play. Pure.
#pragma once

#include "backflow/billed_play.hpp"
#include "base/zone_table.hpp"
#include "billing/prices.hpp"
#include "protocol/profile.hpp"

namespace vitrine::billing {

// More persons than this before one screen are a fault of the counting: the exposure row counts as
// not there.
inline constexpr std::int64_t kMostPersons = 10'000;

struct PlayFacts {
  const PlayRow& row;
  const ScreenId& device;
  AreaId area = 0;
  const ZoneTable& zone;  // the screen's
  WallTime wall;          // of moment_of(row)
  std::int64_t received_at_us = 0;
  const ExposureRow* exposure = nullptr;  // nullptr: none came
  const Schedule* schedule = nullptr;     // of the row's version; nullptr: not in the archive
  const Profile* profile = nullptr;       // of the row's version; nullptr: none
  const Price* price = nullptr;           // of the row's campaign; nullptr: none was agreed
  bool duplicate = false;                 // its key was stored before with other content
};

// CLOCK_BOOTTIME by which a play belongs to an hour: its first flip; its planned start when none
// came.
std::int64_t moment_of(const PlayRow& row);
bool plausible(const ExposureRow& exposure, std::int64_t play_ms);

BilledPlay bill_play(const PlayFacts& facts);

}  // namespace vitrine::billing
