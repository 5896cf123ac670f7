#include "state/camera.hpp"

#include "base/time.hpp"
#include "platform/config.hpp"
#include "toml_text.hpp"

namespace vitrine {
namespace {

constexpr const char* kRemedy =
    "; vitrine-camera-setup --basis TEXT --by NAME records it (docs/privacy.md)";

}  // namespace

Result<CameraSettings> read_camera_settings(const StatePaths& paths) {
  auto config = Config::read(paths.camera_settings());
  if (!config) return std::move(config).error();
  CameraSettings settings;
  settings.on = config->integer_or("on", 0) == 1;
  settings.basis.text = config->text_or("basis.text", "");
  settings.basis.by = config->text_or("basis.by", "");
  settings.basis.date = config->text_or("basis.date", "");
  settings.line = config->text_or("line", "");
  settings.zone = config->text_or("zone", "");
  return settings;
}

Status write_camera_settings(const StatePaths& paths, const CameraSettings& settings) {
  TomlText toml;
  toml.boolean("on", settings.on);
  if (!settings.line.empty()) toml.text("line", settings.line);
  if (!settings.zone.empty()) toml.text("zone", settings.zone);
  toml.table("basis")
      .text("text", settings.basis.text)
      .text("by", settings.basis.by)
      .text("date", settings.basis.date);
  return write_atomic(paths.camera_settings(), toml.str(), 0644);
}

Status may_count(const CameraSettings& settings, const fs::path& named) {
  const auto no = [&](const std::string& what) {
    return fail(ErrorCode::denied, "nothing is counted: " + named.string() + " " + what + kRemedy);
  };
  if (!settings.on) return no("does not say on = true");
  if (settings.basis.text.empty()) return no("records no legal basis (basis.text)");
  if (settings.basis.by.empty()) return no("does not say who answers for its basis (basis.by)");
  if (!parse_date(settings.basis.date))
    return no("does not say when its basis was recorded (basis.date, YYYY-MM-DD)");
  return ok();
}

Status may_count(const StatePaths& paths) {
  const fs::path named = paths.camera_settings();
  auto settings = read_camera_settings(paths);
  if (settings) return may_count(*settings, named);
  if (settings.error().code != ErrorCode::not_found)
    return std::move(settings).error().context("nothing is counted");
  return fail(ErrorCode::denied, "nothing is counted: there is no " + named.string() + kRemedy);
}

}  // namespace vitrine
