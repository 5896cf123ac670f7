#include "state/paths.hpp"

#include "base/ids.hpp"
#include "toml_text.hpp"

namespace vitrine {

Status make_state_directories(const StatePaths& paths) {
  for (const fs::path& directory : {paths.proof_key().parent_path(),
                                    paths.tls_key().parent_path(),
                                    paths.trust(),
                                    paths.takeover(),
                                    paths.content(),
                                    paths.bodies(),
                                    paths.telemetry_floors(),
                                    paths.verdicts(),
                                    paths.floors(),
                                    paths.quarantine(),
                                    paths.exposure().parent_path(),
                                    paths.clock().parent_path(),
                                    paths.player_live().parent_path(),
                                    paths.audience_live().parent_path(),
                                    paths.field_notes(),
                                    paths.camera_audits(),
                                    paths.camera_held().parent_path(),
                                    paths.commands(),
                                    paths.replies(),
                                    paths.update_state().parent_path()}) {
    if (auto made = make_directories(directory); !made) return made;
  }
  return ok();
}

Result<DeviceIdentity> read_device_identity(const StatePaths& paths) {
  auto config = Config::read(paths.device_config());
  if (!config) return std::move(config).error();
  DeviceIdentity identity;
  auto screen = config->text("screen");
  if (!screen) return std::move(screen).error();
  if (!is_valid_name(*screen)) {
    return fail(ErrorCode::invalid, paths.device_config().string() + ": screen '" + *screen +
                                        "' is no valid name (1 to 64 of a-z, 0-9 and -)");
  }
  auto host = config->text("mqtt.host");
  if (!host) return std::move(host).error();
  identity.screen = *screen;
  identity.mqtt_host = *host;
  identity.area = static_cast<AreaId>(config->integer_or("area", 0));
  identity.zone = config->text_or("zone", identity.zone);
  if (auto groups = config->texts("groups")) identity.groups = *groups;
  for (const auto& group : identity.groups) {
    if (!is_valid_name(group)) {
      return fail(ErrorCode::invalid,
                  paths.device_config().string() + ": group '" + group + "' is no valid name");
    }
  }
  identity.enrol_url = config->text_or("enrol_url", "");
  identity.mqtt_port = static_cast<int>(config->integer_or("mqtt.port", identity.mqtt_port));
  return identity;
}

std::string write_device_identity(const DeviceIdentity& identity) {
  TomlText toml;
  toml.text("screen", identity.screen)
      .integer("area", identity.area)
      .text("zone", identity.zone)
      .texts("groups", identity.groups);
  if (!identity.enrol_url.empty()) toml.text("enrol_url", identity.enrol_url);
  return toml.table("mqtt")
      .text("host", identity.mqtt_host)
      .integer("port", identity.mqtt_port)
      .str();
}

}  // namespace vitrine
