#include "operator/setup.hpp"

#include <charconv>
#include <optional>

#include "platform/time_zone.hpp"
#include "protocol/registry.hpp"
#include "state/field_notes.hpp"

namespace vitrine::op {
namespace {

std::string today(const Clock& clock) {
  return format_utc(clock.realtime() / kSecond).substr(0, 10);
}

bool there(const fs::path& file) {
  std::error_code error;
  return fs::exists(file, error);
}

// The talk and what came of it. Every question is asked here, and nothing is written.
class Questions {
 public:
  Questions(SetupOptions& options, Interview& talk, const Clock& clock)
      : options_(options), talk_(talk), clock_(clock) {}

  Status ask_all() {
    for (auto step : {&Questions::ask_where_it_belongs, &Questions::ask_what_it_is,
                      &Questions::ask_how_it_hangs, &Questions::ask_camera}) {
      if (auto asked = (this->*step)(); !asked) return asked;
    }
    return confirm();
  }

  // The name of a screen that stays who it is; empty: it is to be enrolled.
  const std::string& stays() const { return screen_; }
  const std::optional<Bundle>& stick() const { return stick_; }
  const DeviceSettings& settings() const { return settings_; }
  const CameraSettings& camera() const { return camera_; }

 private:
  // An option that was given, checked; else a question; else, unattended, the default.
  Status settle(std::string& answer, const std::string& option, const std::string& question,
                const std::string& otherwise, const Interview::Refuse& refuse = {}) {
    const auto wrong = [&](const std::string& value) { return refuse ? refuse(value) : ""; };
    if (answer.empty() && !options_.unattended) {
      auto said = talk_.ask(question, otherwise, refuse);
      if (!said) return std::move(said).error();
      answer = *std::move(said);
      return ok();
    }
    if (answer.empty()) answer = otherwise;
    const std::string why = wrong(answer);
    if (why.empty()) return ok();
    return fail(ErrorCode::invalid,
                option + (answer.empty() ? " is missing" : " '" + answer + "'") + ": " + why);
  }

  Status ask_where_it_belongs() {
    const auto identity = read_device_identity(options_.paths);
    if (identity && options_.bundle.empty() && options_.token.empty()) {
      stays_ = true;
      if (!options_.unattended) {
        auto anew = talk_.yes("This screen is " + identity->screen + ". Enrol it anew", false);
        if (!anew) return std::move(anew).error();
        stays_ = !*anew;
      }
      if (stays_) {
        screen_ = identity->screen;
        return ok();
      }
    }
    if (options_.bundle.empty() && options_.token.empty() && !options_.unattended) {
      auto stick = talk_.yes("Is this board set up from a stick", false);
      if (!stick) return std::move(stick).error();
      by_stick_ = *stick;
    } else {
      by_stick_ = !options_.bundle.empty();
    }
    return by_stick_ ? ask_stick() : ask_token();
  }
  Status ask_stick() {
    std::string file = options_.bundle.string();
    const auto readable = [](const std::string& name) {
      return there(name) ? "" : "there is no such file";
    };
    if (auto got = settle(file, "--bundle", "File on the stick", "", readable); !got) return got;
    if (options_.ca_file.empty()) {
      const auto some = [](const std::string& code) {
        return code.empty() ? "without it nobody knows whose the stick is" : "";
      };
      if (auto got = settle(options_.code, "--code", "Code of your installation", "", some); !got)
        return got;
    }
    auto bundle = open_stick(file, {options_.ca_file, options_.code}, options_.board,
                             clock_.realtime() / kSecond);
    if (!bundle) return std::move(bundle).error();
    stick_ = *std::move(bundle);
    talk_.say("The stick makes this screen " + stick_->screen + ", area " +
              std::to_string(stick_->area) + ", " + stick_->zone + ".");
    return ok();
  }
  Status ask_token() {
    const auto https = [](const std::string& url) {
      return url.starts_with("https://") ? "" : "it begins with https://";
    };
    if (auto got = settle(options_.server, "--server", "Server (https://HOST:PORT)", "", https);
        !got)
      return got;
    const auto some = [](const std::string& token) {
      return token.empty() ? "`vitrine token` makes one at the backend" : "";
    };
    return settle(options_.token, "--token", "Token", "", some);
  }

  Status ask_what_it_is() {
    ExpectedScreen& expected = options_.expected;
    std::string area = expected.area != 0 ? std::to_string(expected.area) : "";
    const std::string as_told = "as the token says";
    const auto is_area = [&](const std::string& text) {
      std::uint32_t value = 0;
      const char* end = text.data() + text.size();
      const auto read = std::from_chars(text.data(), end, value);
      const bool good = read.ec == std::errc() && read.ptr == end && value > 0;
      return good || text == as_told ? "" : "a whole number from 1, the operator's number of it";
    };
    const std::int64_t now = clock_.realtime() / kSecond;
    const auto is_zone = [&](const std::string& text) -> std::string {
      if (text == as_told) return "";
      const auto zone = load_zone(text, now, now + 86'400);
      return zone ? "" : zone.error().message;
    };
    if (stick_) {
      // The stick has said it; an option that says otherwise is somebody's mistake.
      if (expected.area != 0 && expected.area != stick_->area)
        return not_this("area", std::to_string(stick_->area), area);
      if (!expected.zone.empty() && expected.zone != stick_->zone)
        return not_this("zone", stick_->zone, expected.zone);
      if (!expected.screen.empty() && expected.screen != stick_->screen)
        return not_this("screen", stick_->screen, expected.screen);
    } else if (!stays_) {
      if (auto got = settle(area, "--area", "Area", as_told, is_area); !got) return got;
      if (auto got =
              settle(expected.zone, "--zone", "Time zone, as Europe/Berlin", as_told, is_zone);
          !got)
        return got;
      if (area == as_told) area.clear();
      if (expected.zone == as_told) expected.zone.clear();
      if (!area.empty())
        (void)std::from_chars(area.data(), area.data() + area.size(), expected.area);
    }
    auto before = read_device_settings(options_.paths);
    if (before) settings_ = *before;
    const auto scene = [](const std::string& word) {
      return word.empty() || is_scene(word)
                 ? ""
                 : "one of community, office, transit, retail, services, or nothing";
    };
    if (auto got =
            settle(options_.scene, "--scene",
                   "Scene (community, office, transit, retail, services)", settings_.scene, scene);
        !got)
      return got;
    settings_.scene = options_.scene;
    return ok();
  }
  static Error not_this(const std::string& what, const std::string& is, const std::string& not_) {
    return fail(ErrorCode::denied, "the stick is for " + what + " " + is + ", not " + not_ +
                                       "; nothing was changed on this screen");
  }

  Status ask_how_it_hangs() {
    std::string turned = options_.rotate < 0 ? "" : std::to_string(options_.rotate);
    const auto quarter = [](const std::string& degrees) {
      return degrees == "0" || degrees == "90" || degrees == "180" || degrees == "270"
                 ? ""
                 : "0, 90, 180 or 270";
    };
    if (auto got = settle(turned, "--rotate", "Turned clockwise by degrees (0, 90, 180, 270)",
                          std::to_string(settings_.rotate), quarter);
        !got)
      return got;
    (void)std::from_chars(turned.data(), turned.data() + turned.size(), settings_.rotate);
    return ok();
  }

  Status ask_camera() {
    if (auto before = read_camera_settings(options_.paths)) camera_ = *before;
    const bool was_on = camera_.on && may_count(camera_, options_.paths.camera_settings()).ok();
    const auto yes_or_no = [](const std::string& word) {
      return word == "yes" || word == "no" ? "" : "yes or no";
    };
    if (auto got = settle(options_.camera, "--camera", "Does a camera count people here (yes, no)",
                          was_on ? "yes" : "no", yes_or_no);
        !got)
      return got;
    camera_.on = options_.camera == "yes";
    if (!camera_.on) return ok();
    const auto some = [](const std::string& text) {
      return text.empty() ? "without it nothing may be counted (docs/privacy.md)" : "";
    };
    const CameraBasis known = camera_.basis;
    if (auto got = settle(options_.basis, "--basis", "What allows counting here", known.text, some);
        !got)
      return got;
    if (auto got = settle(options_.by, "--by", "Who answers for that", known.by, some); !got)
      return got;
    if (options_.basis != known.text || options_.by != known.by || known.date.empty())
      camera_.basis = {options_.basis, options_.by, today(clock_)};
    return ok();
  }

  Status confirm() {
    if (options_.unattended) return ok();
    talk_.say("Scene " + (settings_.scene.empty() ? "not said" : settings_.scene) + ", turned by " +
              std::to_string(settings_.rotate) + " degrees, camera " +
              (camera_.on ? "on: \"" + camera_.basis.text + "\"" : "off") + ".");
    auto good = talk_.yes("Set this screen up so", true);
    if (!good) return std::move(good).error();
    if (!*good) return fail(ErrorCode::denied, "not set up; nothing was changed");
    return ok();
  }

  SetupOptions& options_;
  Interview& talk_;
  const Clock& clock_;
  bool stays_ = false, by_stick_ = false;
  std::string screen_;
  std::optional<Bundle> stick_;
  DeviceSettings settings_;
  CameraSettings camera_;
};

Status write_settings(const StatePaths& paths, const Questions& said, const Clock& clock) {
  for (const fs::path& folder : {paths.device_settings().parent_path(),
                                 paths.camera_settings().parent_path(), paths.field_notes()}) {
    if (auto made = make_directories(folder); !made) return made;
  }
  if (auto put = write_device_settings(paths, said.settings()); !put) return put;
  // A camera that nobody ever spoke of and shall be off needs no file that says so.
  if (said.camera().on || there(paths.camera_settings())) {
    if (auto put = write_camera_settings(paths, said.camera()); !put) return put;
  }
  const CameraSettings& camera = said.camera();
  return add_field_note(
      paths, clock, "screen-setup",
      "scene " + (said.settings().scene.empty() ? "not said" : said.settings().scene) +
          ", turned by " + std::to_string(said.settings().rotate) + ", camera " +
          (camera.on ? "on the basis of \"" + camera.basis.text + "\" (" + camera.basis.by + ")"
                     : "off"));
}

}  // namespace

Result<SetUp> set_up(SetupOptions options, Interview& talk, const Clock& clock,
                     const HttpsPoster& post) {
  Questions said(options, talk, clock);
  if (auto asked = said.ask_all(); !asked) return std::move(asked).error();
  const StatePaths& paths = options.paths;
  if (auto put = write_settings(paths, said, clock); !put) return std::move(put).error();
  if (!said.stays().empty()) return SetUp{said.stays(), false};
  if (said.stick()) {
    if (auto kept = keep_stick(paths, *said.stick()); !kept) return std::move(kept).error();
    auto screen = spend_kept_stick(paths, post);
    if (screen) return SetUp{*screen, false};
    if (screen.error().code == ErrorCode::unavailable) return SetUp{said.stick()->screen, true};
    return std::move(screen).error();
  }
  EnrolOptions enrolment;
  enrolment.state = paths.root;
  enrolment.server = options.server;
  enrolment.token = options.token;
  enrolment.ca_file = options.ca_file.string();
  enrolment.expected = options.expected;
  auto screen = enrol(enrolment, post);
  if (!screen) return std::move(screen).error();
  return SetUp{*screen, false};
}

}  // namespace vitrine::op
