#include "state/device_settings.hpp"

#include <algorithm>
#include <array>

#include "platform/config.hpp"
#include "toml_text.hpp"

namespace vitrine {
namespace {

constexpr std::array<std::string_view, 5> kScenes = {"community", "office", "transit", "retail",
                                                     "services"};

}  // namespace

bool is_rotation(std::int64_t degrees) {
  return degrees == 0 || degrees == 90 || degrees == 180 || degrees == 270;
}

bool is_scene(std::string_view word) {
  return std::find(kScenes.begin(), kScenes.end(), word) != kScenes.end();
}

Result<DeviceSettings> read_device_settings(const StatePaths& paths) {
  const fs::path file = paths.device_settings();
  auto config = Config::read(file);
  if (!config) {
    if (config.error().code == ErrorCode::not_found) return DeviceSettings{};
    return std::move(config).error();
  }
  DeviceSettings settings;
  const std::int64_t rotate = config->integer_or("rotate", 0);
  if (!is_rotation(rotate)) {
    return fail(ErrorCode::invalid, file.string() + ": rotate is " + std::to_string(rotate) +
                                        ", which is none of 0, 90, 180, 270");
  }
  settings.rotate = static_cast<int>(rotate);
  settings.scene = config->text_or("scene", "");
  if (!settings.scene.empty() && !is_scene(settings.scene)) {
    return fail(ErrorCode::invalid,
                file.string() + ": scene '" + settings.scene +
                    "' is none of community, office, transit, retail, services");
  }
  return settings;
}

Status write_device_settings(const StatePaths& paths, const DeviceSettings& settings) {
  TomlText toml;
  toml.integer("rotate", settings.rotate);
  if (!settings.scene.empty()) toml.text("scene", settings.scene);
  return write_atomic(paths.device_settings(), toml.str(), 0644);
}

}  // namespace vitrine
