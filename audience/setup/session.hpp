// A technician in front of a screen: what its camera sees, what would be counted, and where. It
// takes the camera from the daemon, which goes on writing rows without it, and gives it back after
// ten minutes at most. Before the first picture is shown a note is kept that becomes an event.
#pragma once

#include <optional>
#include <string>

#include "audience/detector.hpp"
#include "audience/observer.hpp"
#include "platform/clock.hpp"
#include "platform/file_lock.hpp"
#include "state/camera.hpp"

namespace vitrine::setup {

inline constexpr Micros kLongestSetup = 10 * kMinute;

struct SetupOptions {
  StatePaths paths;
  std::string camera = "/dev/video0";  // or a clip
  std::string line, zone;              // as typed; empty: as saved
  std::string basis;                   // not empty: recorded, and the camera switched on
  std::string by;                      // who the technician is
  bool save = false;                   // line and zone as they are at the end
  Micros length = kLongestSetup;       // clamped to it
  fs::path png;                        // empty: none
};

// The view as it stands now, checked.
struct View {
  std::string line_text = "500,0,500,1000", zone_text;
  Line line;
  ExposureZone zone;
};

class SetupSession {
 public:
  // Takes the camera's claim, waits until the daemon has let go of it, records a new basis and
  // keeps the first note. `clock` must outlive it. Errors: no name, no basis recorded, another
  // technician, a daemon that does not let go; one line with what to do.
  static Result<SetupSession> begin(SetupOptions options, const Clock& clock);

  const View& view() const { return view_; }
  Status set_line(const std::string& text);
  Status set_zone(const std::string& text);  // empty = the whole frame
  Status save();                             // the view, into the settings that the daemon reads
  // Kept before a picture is written to a file, so that none is without its note.
  Status picture_goes_to(const fs::path& file) const;
  bool over(Micros now) const { return now >= ends_at_; }
  const SetupOptions& options() const { return options_; }

  // The last note, with what was seen in one line.
  Status end(const std::string& seen);

 private:
  SetupSession(SetupOptions options, const Clock& clock, FileLock claim)
      : options_(std::move(options)), clock_(&clock), claim_(std::move(claim)) {}
  Status wait_for_daemon() const;
  Status read_settings();

  SetupOptions options_;
  const Clock* clock_;
  FileLock claim_;
  CameraSettings settings_;
  View view_;
  Micros began_ = 0, ends_at_ = 0;
  std::string done_;  // what was changed, for the last note
};

// Switches the camera off: nothing is counted from the next second on. Leaves a note.
Status switch_off(const StatePaths& paths, const std::string& by, const Clock& clock);

// How much of the time counts: "good" from the share at which rows count as observed.
std::string grade_of(std::int64_t coverage_permille);

}  // namespace vitrine::setup
