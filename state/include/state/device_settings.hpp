// identity/settings.toml: what the technician decided about this screen, beside who it is. Written
// by `vitrine setup` or by hand, read by the player at its start; without the file all is at its
// default.
//
//     rotate = 90        # degrees clockwise by which the display hangs turned: 0, 90, 180, 270
//     scene = "office"   # community, office, transit, retail or services; for people and reports
#pragma once

#include <string>

#include "state/paths.hpp"

namespace vitrine {

struct DeviceSettings {
  int rotate = 0;
  std::string scene;  // empty: nobody said
  bool operator==(const DeviceSettings&) const = default;
};

bool is_rotation(std::int64_t degrees);
// The words of the profile's scenes (protocol/profile.hpp).
bool is_scene(std::string_view word);

// A missing file is the defaults; an error names the file and the member that is none.
Result<DeviceSettings> read_device_settings(const StatePaths& paths);
// Whole and durable. The directory must exist.
Status write_device_settings(const StatePaths& paths, const DeviceSettings& settings);

}  // namespace vitrine
