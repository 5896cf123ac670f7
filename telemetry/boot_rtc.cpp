#include "boot_rtc.hpp"

#include <cstdlib>

#include "platform/file.hpp"
#include "small_files.hpp"

namespace vitrine {

bool clock_came_from_rtc(const std::filesystem::path& sysfs, Micros realtime) {
  const fs::path clocks = sysfs / "class/rtc";
  for (const std::string& name : list_directory(clocks)) {
    if (read_number(clocks / name / "hctosys") != 1) continue;
    const auto seconds = read_number(clocks / name / "since_epoch");
    if (seconds && std::llabs(*seconds * kSecond - realtime) <= 2 * kSecond) return true;
  }
  return false;
}

}  // namespace vitrine
