// The newest UTC that was trusted on this device, in one small fsynced file
// (telemetry/saved_time). After a restart of telemetry within the same boot it gives that time back
// exactly, because CLOCK_BOOTTIME went on; after another boot it says no more than that the true
// time is not before it.
#pragma once

#include <optional>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "state/paths.hpp"

namespace vitrine {

struct SavedTime {
  BootId boot;
  Micros boottime_us = 0;
  Micros utc_us = 0;
  Micros error_us = 0;
};
Status write_saved_time(const StatePaths& paths, const SavedTime& saved);
// nullopt when there is none or it cannot be read: then there is no floor, which is no fault.
std::optional<SavedTime> read_saved_time(const StatePaths& paths);

}  // namespace vitrine
