#include "audience/daemon.hpp"

#include "audience/file_source.hpp"
#include "audience/mog2.hpp"
#include "audience/v4l2_source.hpp"
#include "platform/log.hpp"
#include "platform/service.hpp"
#include "state/live.hpp"

namespace vitrine {
namespace {

// A camera thread that has not come round for so long hangs: the watchdog is left hungry.
constexpr Micros kCameraHangs = 10 * kSecond;

}  // namespace

Result<std::unique_ptr<FrameSource>> open_camera(const fs::path& named, const Clock& clock) {
  std::error_code unknown;
  const fs::file_status status = fs::status(named, unknown);
  const bool device = fs::is_character_file(status) ||
                      (named.native().starts_with("/dev/") && !fs::is_regular_file(status));
  return device ? open_v4l2_source(named, clock) : open_file_source(named, clock);
}

Result<std::unique_ptr<AudienceDaemon>> AudienceDaemon::open(const AudienceOptions& options,
                                                             const Clock& clock) {
  if (options.detector != "mog2") {
    return fail(ErrorCode::invalid, "unknown detector \"" + options.detector + "\"; there is mog2");
  }
  for (const fs::path& path : {options.paths.exposure(), options.paths.audience_live()}) {
    if (auto made = make_directories(path.parent_path()); !made) return std::move(made).error();
  }
  auto log = ExposureLog::open(options.paths.exposure());
  if (!log) return std::move(log).error().context("cannot keep exposure rows");
  return std::unique_ptr<AudienceDaemon>(
      new AudienceDaemon(options, clock, make_mog2_detector(), std::move(*log)));
}

AudienceDaemon::AudienceDaemon(const AudienceOptions& options, const Clock& clock,
                               std::unique_ptr<Detector> detector, ExposureLog log)
    : options_(options),
      clock_(clock),
      detector_(std::move(detector)),
      log_(std::move(log)),
      timeline_(detector_->quality(), detector_->method(), detector_->model()),
      observer_(*detector_, options.line, timeline_),
      exposures_(options.paths.plays(), clock, timeline_, log_),
      flows_(clock, timeline_, log_) {
  if (options.camera == kNoCamera) return;
  camera_.emplace(
      clock, options.camera,
      [path = fs::path(options.camera), &clock] { return open_camera(path, clock); }, observer_);
}

bool AudienceDaemon::say(const Status& status, std::string& said) {
  const std::string message = status ? "" : status.error().message;
  if (message != said && !message.empty()) log_error("{}", message);
  said = message;
  return status.ok();
}

bool AudienceDaemon::keep(Micros complete_until) {
  const bool plays = say(exposures_.tick(complete_until), said_exposure_);
  return say(flows_.tick(complete_until), said_flow_) && plays;
}

bool AudienceDaemon::write_live(Micros now) {
  const auto figures = timeline_.figures(now);
  const auto recent = flows_.last_quarter();
  const bool frames = figures.fps_milli > 0;
  AudienceLive live;
  live.written_at = now;
  live.present = figures.present;
  live.crossings = figures.crossings;
  live.person_ms_15min = recent.person_ms;
  live.covered_ms_15min = recent.covered_ms;
  live.quality = frames ? detector_->quality() : Quality::none;
  live.method = frames ? detector_->method() : Method::none;
  live.fps_milli = figures.fps_milli;
  live.camera = !camera_                                  ? kNoCamera
                : camera_->state() == CameraState::absent ? "absent"
                : frames                                  ? "ok"
                                                          : "silent";
  return say(write_audience_live(options_.paths, live), said_live_);
}

void AudienceDaemon::tick() {
  const Micros now = clock_.boottime();
  bool well = keep(timeline_.complete_until(now));
  if (now >= next_live_) {
    next_live_ = now + kSecond;
    well = write_live(now) && well;
  }
  if (camera_ && now - camera_->last_step() > kCameraHangs) well = false;
  if (well) notify_watchdog();
}

void AudienceDaemon::finish() {
  if (camera_) camera_->close();
  const Micros now = clock_.boottime();
  keep(now);
  say(flows_.finish(now), said_flow_);
  log_info("stopped after {} exposure rows", exposures_.rows());
}

}  // namespace vitrine
