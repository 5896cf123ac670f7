#include "session.hpp"

#include <spdlog/fmt/fmt.h>

#include "exposure/value.hpp"
#include "state/field_notes.hpp"
#include "state/live.hpp"

namespace vitrine::setup {
namespace {

constexpr Micros kDaemonLetsGo = 6 * kSecond;  // its live file is a second old, and goes stale at 3
constexpr Micros kLookAgain = 100 * kMillisecond;
constexpr std::int64_t kPoorPermille = 500;
constexpr const char* kNote = "camera-setup";

Error no_name() {
  return fail(
      ErrorCode::invalid,
      "who are you? A set-up is recorded with a name: --by NAME, or sudo from your account");
}

std::string today(const Clock& clock) {
  return format_utc(clock.realtime() / kSecond).substr(0, 10);
}

}  // namespace

Status SetupSession::wait_for_daemon() const {
  const Micros deadline = clock_->boottime() + kDaemonLetsGo;
  for (;;) {
    const Micros now = clock_->boottime();
    const auto live = read_audience_live(options_.paths, now);
    if (!live || live->camera == "set-up" || live->camera == "none" || live->camera == "off")
      return ok();
    if (now >= deadline) {
      return fail(
          ErrorCode::unavailable,
          "vitrine-audience does not let go of the camera; systemctl stop vitrine-audience, "
          "and start it again afterwards");
    }
    clock_->sleep_until(now + kLookAgain);
  }
}

Status SetupSession::read_settings() {
  auto settings = read_camera_settings(options_.paths);
  if (settings) {
    settings_ = *settings;
  } else if (settings.error().code != ErrorCode::not_found) {
    return std::move(settings).error();
  }
  if (!options_.basis.empty()) {
    settings_.on = true;
    settings_.basis = {options_.basis, options_.by, today(*clock_)};
    if (auto written = write_camera_settings(options_.paths, settings_); !written) return written;
    done_ += "; recorded the basis \"" + options_.basis + "\" and switched the camera on";
  }
  if (auto may = may_count(settings_, options_.paths.camera_settings()); !may) return may;
  const auto chosen = [](const std::string& typed, const std::string& saved) {
    return typed.empty() ? saved : typed;
  };
  const std::string line = chosen(options_.line, settings_.line);
  const std::string zone = chosen(options_.zone, settings_.zone);
  if (auto set = line.empty() ? ok() : set_line(line); !set) return set;
  return zone.empty() ? ok() : set_zone(zone);
}

Result<SetupSession> SetupSession::begin(SetupOptions options, const Clock& clock) {
  if (options.by.empty()) return no_name();
  options.length = std::clamp<Micros>(options.length, kSecond, kLongestSetup);
  for (const fs::path& path :
       {options.paths.field_notes(), options.paths.camera_held().parent_path()}) {
    if (auto made = make_directories(path); !made) return std::move(made).error();
  }
  auto claim = FileLock::take(options.paths.camera_held());
  if (!claim) {
    if (claim.error().code == ErrorCode::conflict)
      return fail(ErrorCode::conflict, "somebody else is setting this camera up");
    return std::move(claim).error();
  }
  SetupSession session(std::move(options), clock, std::move(*claim));
  if (auto free = session.wait_for_daemon(); !free) return std::move(free).error();
  if (auto read = session.read_settings(); !read) return std::move(read).error();
  session.began_ = clock.boottime();
  session.ends_at_ = session.began_ + session.options_.length;
  const auto noted = add_field_note(
      session.options_.paths, clock, kNote,
      fmt::format("{} looks through {} from now on, for {} s at most", session.options_.by,
                  session.options_.camera, session.options_.length / kSecond));
  if (!noted) return std::move(noted.error()).context("no picture without a record of it");
  return session;
}

Status SetupSession::set_line(const std::string& text) {
  auto line = parse_line(text);
  if (!line) return std::move(line).error();
  view_.line = *line;
  view_.line_text = text;
  return ok();
}

Status SetupSession::set_zone(const std::string& text) {
  auto zone = parse_zone(text);
  if (!zone) return std::move(zone).error();
  view_.zone = std::move(*zone);
  view_.zone_text = text;
  return ok();
}

Status SetupSession::save() {
  settings_.line = view_.line_text;
  settings_.zone = view_.zone_text;
  if (auto written = write_camera_settings(options_.paths, settings_); !written) return written;
  done_ += "; saved line " + view_.line_text +
           (view_.zone_text.empty() ? "" : " and zone " + view_.zone_text);
  return ok();
}

Status SetupSession::picture_goes_to(const fs::path& file) const {
  return add_field_note(options_.paths, *clock_, kNote,
                        options_.by + " writes one picture of the camera to " + file.string());
}

Status SetupSession::end(const std::string& seen) {
  return add_field_note(
      options_.paths, *clock_, kNote,
      fmt::format("{} looked through {} for {} s and saw {}{}", options_.by, options_.camera,
                  (clock_->boottime() - began_) / kSecond, seen, done_));
}

Status switch_off(const StatePaths& paths, const std::string& by, const Clock& clock) {
  if (by.empty()) return no_name();
  auto settings = read_camera_settings(paths);
  if (!settings) {
    // Without the file it is off already; one that cannot be read must not stay in the way.
    if (settings.error().code == ErrorCode::not_found) return ok();
    settings = CameraSettings{};
  }
  settings->on = false;
  if (auto made = make_directories(paths.field_notes()); !made) return made;
  if (auto written = write_camera_settings(paths, *settings); !written) return written;
  return add_field_note(paths, clock, "camera-off", by + " switched the camera off");
}

std::string grade_of(std::int64_t coverage_permille) {
  return coverage_permille >= kObservedPermille ? "good"
         : coverage_permille >= kPoorPermille   ? "poor"
                                                : "blind";
}

}  // namespace vitrine::setup
