// vitrine-camera-setup: started by hand by a technician. Shows what the camera sees, draws line and
// zone, counts live, and gives the camera back after ten minutes at most.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "detector_arguments.hpp"
#include "platform/command_line.hpp"
#include "platform/log.hpp"
#include "platform/private_memory.hpp"
#include "platform/service.hpp"
#include "terminal.hpp"
#include "watch.hpp"

using namespace vitrine;
using namespace vitrine::setup;

namespace {

constexpr const char* kHelp =
    "type: line X0,Y0,X1,Y1 | zone X,Y,X,Y,X,Y | zone | png FILE | save | quit\n";

std::string technician() {
  for (const char* name : {"SUDO_USER", "USER", "LOGNAME"}) {
    if (const char* value = std::getenv(name); value && *value) return value;
  }
  return "";
}

// Whole lines of what is typed, never waiting for them.
class Keyboard {
 public:
  std::vector<std::string> lines() {
    std::vector<std::string> typed;
    pollfd entry{STDIN_FILENO, POLLIN, 0};
    while (open_ && ::poll(&entry, 1, 0) > 0) {
      char bytes[256];
      const ssize_t got = ::read(STDIN_FILENO, bytes, sizeof bytes);
      open_ = got > 0;
      if (open_) pending_.append(bytes, static_cast<std::size_t>(got));
    }
    for (auto end = pending_.find('\n'); end != std::string::npos; end = pending_.find('\n')) {
      typed.push_back(pending_.substr(0, end));
      pending_.erase(0, end + 1);
    }
    return typed;
  }

 private:
  std::string pending_;
  bool open_ = true;
};

class Desk {
 public:
  // All must outlive it.
  Desk(SetupSession& session, Detector& detector, const Clock& clock)
      : session_(session), clock_(clock), detector_(detector), screen_(::isatty(1)) {
    watch_.emplace(session_, detector_, clock_);
    png_ = session_.options().png;
  }

  // Until the time is over, a signal, or "quit". What was seen, in one line.
  std::string run(const StopSignal& stop) {
    if (screen_) std::fputs("\x1b[2J", stdout);
    for (Micros next = 0; !stop.raised() && !session_.over(clock_.boottime()) && !quit_;) {
      watch_->step();
      for (const std::string& line : keyboard_.lines()) obey(line);
      if (clock_.boottime() < next) continue;
      next = clock_.boottime() + kSecond;
      show();
    }
    return watch_->figures();
  }

 private:
  void obey(const std::string& line) {
    const auto space = line.find(' ');
    const std::string verb = line.substr(0, space);
    const std::string rest = space == std::string::npos ? "" : line.substr(space + 1);
    Status done = ok();
    if (verb == "line" || verb == "zone") {
      done = verb == "line" ? session_.set_line(rest) : session_.set_zone(rest);
      if (done) watch_.emplace(session_, detector_, clock_);
    } else if (verb == "png" && !rest.empty()) {
      png_ = rest;
    } else if (verb == "save") {
      done = session_.save();
    } else if (verb == "quit") {
      quit_ = true;
    } else {
      done = fail(ErrorCode::invalid, kHelp);
    }
    said_ = done ? "" : done.error().message;
  }

  void show() {
    std::string page;
    const Canvas picture = watch_->picture();
    if (screen_) {
      TerminalSize size = terminal_size(STDOUT_FILENO);
      size.rows = std::max(2, size.rows - 4);  // the lines below
      page += "\x1b[H" + half_blocks(picture, size, knows_all_colours()) + "\x1b[J";
    }
    page += watch_->figures() + "\n";
    if (!png_.empty() && watch_->seeing()) {
      Status written = session_.picture_goes_to(fs::absolute(png_));
      if (written) written = write_png(picture, png_);
      page += written ? "picture: " + fs::absolute(png_).string() + "\n"
                      : written.error().message + "\n";
      png_.clear();
    }
    if (!said_.empty()) page += said_ + "\n";
    if (screen_) page += kHelp;
    std::fputs(page.c_str(), stdout);
    std::fflush(stdout);
  }

  SetupSession& session_;
  const Clock& clock_;
  Detector& detector_;
  bool screen_;
  std::optional<Watch> watch_;
  Keyboard keyboard_;
  fs::path png_;
  std::string said_;
  bool quit_ = false;
};

int refuse(const Error& error) {
  std::fprintf(stderr, "vitrine-camera-setup: %s\n", error.message.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const StopSignal stop;
  log_start("vitrine-camera-setup");
  log_least(LogLevel::warn);
  (void)keep_memory_private();
  cli::App app("Shows a technician what the camera sees and counts, and where line and zone lie");
  app.set_version_flag("--version", VITRINE_VERSION);
  SetupOptions options;
  DetectorOptions detector_options;
  options.by = technician();
  bool off = false;
  int seconds = static_cast<int>(kLongestSetup / kSecond);
  app.add_option("--state", options.paths.root, "state directory")->capture_default_str();
  app.add_option("--run", options.paths.run, "runtime directory")->capture_default_str();
  app.add_option("--camera", options.camera, "a device, or a clip")->capture_default_str();
  app.add_option("--line", options.line, "line to count over: x0,y0,x1,y1 in permille");
  app.add_option("--zone", options.zone, "zone that counts: x,y for each corner, in permille");
  add_detector_arguments(app, detector_options);
  app.add_flag("--save", options.save, "at the end, line and zone go into the daemon's settings");
  app.add_option("--basis", options.basis, "records what allows counting here, and switches it on");
  app.add_option("--by", options.by, "who you are, for the record")->capture_default_str();
  app.add_flag("--off", off, "switches the camera off, and ends");
  app.add_option("--png", options.png, "writes one picture to this file, for you alone");
  app.add_option("--seconds", seconds, "ends after so long")
      ->check(cli::range(1, static_cast<int>(kLongestSetup / kSecond)))
      ->capture_default_str();
  if (const auto code = app.parse(argc, argv)) return *code;
  options.length = seconds * kSecond;

  const SystemClock clock;
  if (off) {
    if (auto done = switch_off(options.paths, options.by, clock); !done)
      return refuse(done.error());
    std::puts("the camera is off; nothing is counted");
    return 0;
  }
  auto detector = make_detector(detector_options);
  if (!detector) return refuse(detector.error());
  auto session = SetupSession::begin(options, clock);
  if (!session) return refuse(session.error());
  std::string seen;
  {
    Desk desk(*session, **detector, clock);
    seen = desk.run(stop);
  }
  if (options.save) {
    if (auto saved = session->save(); !saved) return refuse(saved.error());
  }
  if (auto noted = session->end(seen); !noted) return refuse(noted.error());
  std::printf("seen: %s\nthe camera is given back to vitrine-audience\n", seen.c_str());
  return 0;
}
