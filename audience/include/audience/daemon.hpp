// vitrine-audience without its threads: one loop steps the camera, another ticks the rows. main.cpp
// runs each in its thread; a test steps both on a clock of its own.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "audience/camera_loop.hpp"
#include "audience/camera_permit.hpp"
#include "audience/detectors.hpp"
#include "audience/keeper.hpp"
#include "state/paths.hpp"

namespace vitrine {

inline constexpr const char* kNoCamera = "none";
inline constexpr const char* kAnyCamera = "any";
inline constexpr Micros kTick = 300 * kMillisecond;

struct AudienceOptions {
  StatePaths paths;
  std::string camera = kNoCamera;  // a device, a clip, kAnyCamera or kNoCamera
  Line line;
  ExposureZone zone;                            // in which people count as present
  bool saved_line = false, saved_zone = false;  // a technician's come first (state/camera.hpp)
  DetectorOptions detector;
};

// kAnyCamera is the first device that gives pictures. What is below /dev or a character device is
// opened by V4L2, there or not; a regular file, wherever it lies, and all else is a clip. Errors as
// in v4l2_source.hpp and file_source.hpp.
Result<std::unique_ptr<FrameSource>> open_camera(const fs::path& named, const Clock& clock);

class AudienceDaemon {
 public:
  // Errors: those of the detector (detectors.hpp), or exposure.db cannot be opened. A missing
  // camera is none. `clock` must outlive it.
  static Result<std::unique_ptr<AudienceDaemon>> open(const AudienceOptions& options,
                                                      const Clock& clock);

  bool has_camera() const { return camera_.has_value(); }
  // Camera thread; only with a camera. It stays closed as long as the permit says no.
  void step_camera();

  // Main thread, each kTick: rows that are due, run/audience/live once a second, the watchdog if
  // that worked. Where rows wait minutes to be sent, those of two and a half are written together:
  // each commit costs the flash several pages. A kill loses what waits, and those plays are
  // unmeasured.
  void tick();
  // After the camera thread ended: rows for everything up to now.
  void finish();

 private:
  AudienceDaemon(const AudienceOptions& options, const Clock& clock,
                 std::unique_ptr<Detector> detector, ExposureLog log);
  void take_saved_view();
  Micros hold(Micros now);
  bool keep(Micros complete_until, bool at_once);
  Status keep_together(Micros complete_until);
  bool say(const Status& status, std::string& said);
  bool write_live(Micros now);

  AudienceOptions options_;
  const Clock& clock_;
  std::unique_ptr<Detector> detector_;
  ExposureLog log_;
  PresenceTimeline timeline_;
  Observer observer_;
  CameraPermit permit_;
  std::optional<CameraLoop> camera_;
  ExposureKeeper exposures_;
  FlowKeeper flows_;
  Micros next_live_ = 0;
  Micros next_prune_ = 0;
  Micros kept_at_ = kAbsent;  // when rows were last written
  Micros hold_ = 0;           // how long they may wait for others, as read last
  Micros hold_read_at_ = kAbsent;
  std::string said_keep_, said_live_;  // errors are told once
};

}  // namespace vitrine
