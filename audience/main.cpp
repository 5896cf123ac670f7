// vitrine-audience: counts who passes while each ad is on. Sums leave this process, frames never
// do.
#include <poll.h>
#include <sched.h>
#include <sys/resource.h>

#include <atomic>
#include <thread>

#include "audience/daemon.hpp"
#include "command.hpp"
#include "detector_arguments.hpp"
#include "platform/command_line.hpp"
#include "platform/log.hpp"
#include "platform/private_memory.hpp"
#include "platform/service.hpp"

using namespace vitrine;

namespace {

// The player comes first. Not SCHED_IDLE: on a busy board that starves the camera altogether, and
// all its time is blind. Measured on two x86 cores with mog2: beside the player on an Xvfb neither
// costs it a frame at a seam (tests/xvfb, seam_x11_audience); beside two loops that never sleep
// SCHED_IDLE gave 0.1 pictures a second, this gives all ten.
void yield_to_the_player() {
  const sched_param none{};
  (void)sched_setscheduler(0, SCHED_BATCH, &none);
  (void)setpriority(PRIO_PROCESS, 0, 10);  // of this thread, on Linux
}

}  // namespace

int main(int argc, char** argv) {
  log_start("vitrine-audience");
  if (auto kept = keep_memory_private(); !kept) log_warn("{}", kept.error().message);
  cli::App app("Counts passers-by in front of the screen, for each play");
  app.set_version_flag("--version", VITRINE_VERSION);
  AudienceOptions options;
  EvaluationOptions evaluation;
  std::string state = options.paths.root, run = options.paths.run, line = "500,0,500,1000", zone;
  app.add_option("--state", state, "state directory")->capture_default_str();
  app.add_option("--run", run, "runtime directory")->capture_default_str();
  app.add_option("--camera", options.camera,
                 "a device such as /dev/video0, any of them, a clip, or none")
      ->capture_default_str();
  app.add_option("--line", line, "line to count over: x0,y0,x1,y1 in permille of the frame")
      ->capture_default_str();
  app.add_option("--zone", zone,
                 "where people count as present: x,y,x,y,... in permille of the frame")
      ->default_str("the whole frame");
  add_detector_arguments(app, options.detector);
  add_evaluation_options(app, evaluation);
  if (const auto code = app.parse(argc, argv)) return *code;
  options.paths = {state, run};
  options.saved_line = app.count("--line") == 0;
  options.saved_zone = app.count("--zone") == 0;

  if (evaluation.asked()) {
    const auto done =
        evaluate(evaluation, line, zone, [&options] { return make_detector(options.detector); });
    if (!done) log_error("{}", done.error().message);
    return done ? 0 : 1;
  }
  const StopSignal stop;
  auto parsed = parse_line(line);
  auto parsed_zone = parse_zone(zone);
  if (!parsed || !parsed_zone) {
    log_error("{}", (parsed ? parsed_zone.error() : parsed.error()).message);
    return 2;
  }
  options.line = *parsed;
  options.zone = *parsed_zone;
  const SystemClock clock;
  auto opened = AudienceDaemon::open(options, clock);
  if (!opened) {
    log_error("{}", opened.error().message);
    return 1;
  }
  AudienceDaemon& daemon = **opened;

  std::atomic<bool> ending{false};
  std::thread camera;
  if (daemon.has_camera()) {
    camera = std::thread([&] {
      yield_to_the_player();
      while (!ending) daemon.step_camera();
    });
  }
  log_info("counting with camera {}, detector {}, line {}", options.camera, options.detector.name,
           line);
  notify_ready();
  while (!stop.raised()) {
    daemon.tick();
    pollfd entry{stop.fd(), POLLIN, 0};
    (void)::poll(&entry, 1, static_cast<int>(kTick / kMillisecond));
  }
  notify_stopping();
  ending = true;
  if (camera.joinable()) camera.join();
  daemon.finish();
  return 0;
}
