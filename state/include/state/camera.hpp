// What people decide about a screen's camera: camera/settings.toml, written by vitrine-camera-setup
// or by hand and only read by the audience daemon, which so cannot switch itself on. Without the
// file, or without a basis in it, nothing is counted.
//
//     on = true
//     line = "500,0,500,1000"          # as --line; without it the whole frame's middle
//     zone = "100,400,900,400,500,900" # as --zone; without it the whole frame
//
//     [basis]
//     text = "what allows counting here"
//     by = "who answers for it"
//     date = "2026-11-21"
#pragma once

#include <string>

#include "state/paths.hpp"

namespace vitrine {

struct CameraBasis {
  std::string text;
  std::string by;
  std::string date;  // YYYY-MM-DD
};

struct CameraSettings {
  bool on = false;
  CameraBasis basis;
  std::string line, zone;  // empty = not drawn
};

// `not_found` when there is none.
Result<CameraSettings> read_camera_settings(const StatePaths& paths);
// Whole and durable. The directory must exist.
Status write_camera_settings(const StatePaths& paths, const CameraSettings& settings);

// Ok when somebody switched the camera on and recorded on what basis. Else `denied`, one line:
// which file, what it lacks, what to do.
Status may_count(const StatePaths& paths);
// The same of settings that were read or are about to be written.
Status may_count(const CameraSettings& settings, const fs::path& named);

}  // namespace vitrine
