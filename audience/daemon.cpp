#include "audience/daemon.hpp"

#include "audience/file_source.hpp"
#include "audience/v4l2_source.hpp"
#include "platform/log.hpp"
#include "platform/service.hpp"
#include "state/live.hpp"
#include "state/status.hpp"

namespace vitrine {
namespace {

// A camera thread that has not come round for so long hangs: the watchdog is left hungry.
constexpr Micros kCameraHangs = 10 * kSecond;
// Half of the usual batch period, and well within what the timeline keeps.
constexpr Micros kLongestHold = 150 * kSecond;
// The batch period of a live screen; up to here rows are wanted at once.
constexpr Micros kHurried = 20 * kSecond;
constexpr Micros kReadHoldEvery = 5 * kSecond;
// Telemetry writes its status every few seconds; silent for this long it counts as dead.
constexpr Micros kStatusMaxAge = kMinute;
static_assert(2 * kLongestHold <= kPresenceKept);

LookCost spent_so_far(const Clock& clock) {
  return {thread_processor_ns() / 1000, clock.monotonic()};
}

}  // namespace

Result<std::unique_ptr<FrameSource>> open_camera(const fs::path& named, const Clock& clock) {
  if (named == kAnyCamera) return open_any_v4l2_source("/dev", clock);
  std::error_code unknown;
  const fs::file_status status = fs::status(named, unknown);
  // What is not there yet is judged by where it would be; /dev/shm is a place for files.
  const bool among_devices =
      named.native().starts_with("/dev/") && !named.native().starts_with("/dev/shm/");
  const bool device =
      fs::is_character_file(status) || (among_devices && !fs::is_regular_file(status));
  return device ? open_v4l2_source(named, clock) : open_file_source(named, clock);
}

Result<std::unique_ptr<AudienceDaemon>> AudienceDaemon::open(const AudienceOptions& options,
                                                             const Clock& clock) {
  auto detector = make_detector(options.detector);
  if (!detector) return std::move(detector).error();
  for (const fs::path& path : {options.paths.exposure(), options.paths.audience_live()}) {
    if (auto made = make_directories(path.parent_path()); !made) return std::move(made).error();
  }
  auto log = ExposureLog::open(options.paths.exposure_log());
  if (!log) return std::move(log).error().context("cannot keep exposure rows");
  return std::unique_ptr<AudienceDaemon>(
      new AudienceDaemon(options, clock, std::move(*detector), std::move(*log)));
}

AudienceDaemon::AudienceDaemon(const AudienceOptions& options, const Clock& clock,
                               std::unique_ptr<Detector> detector, ExposureLog log)
    : options_(options),
      clock_(clock),
      detector_(std::move(detector)),
      log_(std::move(log)),
      timeline_(detector_->quality(), detector_->method(), detector_->model()),
      observer_(*detector_, options.line, timeline_, {},
                {.spent = [&clock] { return spent_so_far(clock); }}, options.zone),
      permit_(options.paths),
      exposures_(options.paths.plays_log(), clock, timeline_, log_),
      flows_(clock, timeline_, log_) {
  if (options.camera == kNoCamera) return;
  camera_.emplace(
      clock, options.camera,
      [this, path = fs::path(options.camera)]() -> Result<std::unique_ptr<FrameSource>> {
        if (auto may = permit_.ask(clock_.boottime()); !may) return std::move(may).error();
        take_saved_view();
        return open_camera(path, clock_);
      },
      observer_);
}

// Each time the camera is opened, so that a set-up needs no restart.
void AudienceDaemon::take_saved_view() {
  if (!options_.saved_line && !options_.saved_zone) return;
  const auto settings = read_camera_settings(options_.paths);
  if (!settings) return;
  const auto refuse = [this](const Error& error) {
    log_error("{}: {}; counting as before", options_.paths.camera_settings().string(),
              error.message);
  };
  if (options_.saved_line && !settings->line.empty()) {
    if (auto line = parse_line(settings->line)) {
      observer_.count_over(*line);
    } else {
      refuse(line.error());
    }
  }
  if (!options_.saved_zone) return;
  if (auto zone = parse_zone(settings->zone)) {
    observer_.count_within(*zone);
  } else {
    refuse(zone.error());
  }
}

void AudienceDaemon::step_camera() {
  if (permit_.withdrawn(clock_.boottime())) camera_->close();
  camera_->step();
}

bool AudienceDaemon::say(const Status& status, std::string& said) {
  const std::string message = status ? "" : status.error().message;
  if (message != said && !message.empty()) log_error("{}", message);
  said = message;
  return status.ok();
}

// Without telemetry nobody says, and rows are written at once.
Micros AudienceDaemon::hold(Micros now) {
  if (hold_read_at_ != kAbsent && now - hold_read_at_ < kReadHoldEvery) return hold_;
  hold_read_at_ = now;
  hold_ = 0;
  const auto status = read_telemetry_status(options_.paths);
  if (!status || status->boot != clock_.boot_id() || now - status->written_at > kStatusMaxAge)
    return hold_;
  const Micros period = status->batch_period_s * kSecond;
  if (period > kHurried) hold_ = std::min(period / 2, kLongestHold);
  return hold_;
}

bool AudienceDaemon::keep(Micros complete_until, bool at_once) {
  flows_.take(complete_until);
  const Micros now = clock_.boottime();
  if (!at_once && kept_at_ != kAbsent && now - kept_at_ < hold(now)) return true;
  kept_at_ = now;
  return say(keep_together(complete_until), said_keep_);
}

Status AudienceDaemon::keep_together(Micros complete_until) {
  auto together = log_.together();
  if (!together) return std::move(together).error().context("cannot keep audience rows");
  const Status plays = exposures_.tick(complete_until);
  const Status minutes = flows_.write();
  if (auto kept = together->commit(); !kept) {
    exposures_.again();
    return std::move(kept).error().context("cannot keep audience rows; trying again");
  }
  if (minutes) flows_.written();
  if (const Micros now = clock_.boottime(); now >= next_prune_) {
    next_prune_ = now + kHour;
    auto pruned = log_.prune();
    if (!pruned) return std::move(pruned).error().context("cannot make room for audience rows");
    if (*pruned > 0) log_info("{} old rows are gone from the exposure log to make room", *pruned);
  }
  return plays ? minutes : plays;
}

bool AudienceDaemon::write_live(Micros now) {
  const auto figures = timeline_.figures(now);
  const auto recent = flows_.last_quarter();
  const bool frames = figures.fps_milli > 0;
  const CameraFault fault = camera_ ? camera_->fault() : CameraFault::none;
  const bool counts = frames && fault == CameraFault::none;
  AudienceLive live;
  live.written_at = now;
  live.present = figures.present;
  live.crossings = figures.crossings;
  live.person_ms_15min = recent.person_ms;
  live.covered_ms_15min = recent.covered_ms;
  live.quality = counts ? detector_->quality() : Quality::none;
  live.method = counts ? detector_->method() : Method::none;
  live.fps_milli = figures.fps_milli;
  live.camera = !camera_                                         ? kNoCamera
                : permit_.answer() == CameraPermit::Answer::off  ? "off"
                : permit_.answer() == CameraPermit::Answer::held ? "set-up"
                : camera_->state() == CameraState::absent        ? "absent"
                : frames                                         ? name_of(fault)
                                                                 : "silent";
  for (int i = 1; i < kCameraFaults && camera_; ++i) {
    const auto cause = static_cast<CameraFault>(i);
    const Micros blind = camera_->blind(cause);
    if (blind > 0) live.blind.push_back({std::string(name_of(cause)), blind / kSecond});
  }
  return say(write_audience_live(options_.paths, live), said_live_);
}

void AudienceDaemon::tick() {
  const Micros now = clock_.boottime();
  bool well = keep(timeline_.complete_until(now), false);
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
  flows_.finish(now);
  keep(now, true);
  log_info("stopped after {} exposure rows", exposures_.rows());
}

}  // namespace vitrine
