// Whether the system clock of this boot began with a battery-backed clock.
#pragma once

#include <filesystem>

#include "base/time.hpp"

namespace vitrine {

// True when the kernel took the time from an RTC at boot (/sys/class/rtc/*/hctosys is 1) and that
// RTC, read now, still agrees with `realtime` to within two seconds: since_epoch counts whole
// seconds. Read once, at start: later the RTC may be set from a clock that is wrong. `sysfs` is
// /sys but for tests.
bool clock_came_from_rtc(const std::filesystem::path& sysfs, Micros realtime);

}  // namespace vitrine
