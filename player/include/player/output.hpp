// A surface that shows frames at its own vblanks. One file an output (kms, x11, headless). One
// thread; frames are borrowed for the call.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"
#include "platform/clock.hpp"
#include "platform/file.hpp"
#include "player/picture.hpp"

namespace vitrine {

struct Flip {
  Micros at = 0;               // CLOCK_BOOTTIME of the vblank that showed it
  std::uint64_t sequence = 0;  // vblank counter
};

class Output {
 public:
  virtual ~Output() = default;
  virtual int width() const = 0;
  virtual int height() const = 0;
  virtual Micros vblank_period() const = 0;
  virtual std::uint32_t display_bits() const = 0;  // kDisplay*
  // The first vblank at or after `at`.
  virtual Micros vblank_at_or_after(Micros at) const = 0;
  // Shows the picture at the first vblank at or after `target`; returns when that vblank has
  // passed.
  virtual Result<Flip> flip(const Picture& picture, Micros target) = 0;
  // Switches the panel off, or on again; while it is off display_bits say kDisplayKnownDark and
  // nothing is flipped. `unavailable`: this output cannot, and stays as it is.
  virtual Status power(bool on) {
    return on ? ok() : Status(fail(ErrorCode::unavailable, "this output cannot switch it off"));
  }

  // Whether the glass follows (media/glass_check.hpp). The next flip will be asked about: an output
  // that cannot hash later what it was handed does so in that flip, and in no other.
  virtual void check_next() {}
  // After that flip: whether what is scanned out, read back, is what was handed over. nullopt:
  // nothing can be read back here; an error: it could not be read this time.
  virtual Result<std::optional<bool>> shows_what_was_handed() { return std::optional<bool>(); }
  // It does not: the next flip opens what it can anew.
  virtual void open_anew() {}
};

struct HeadlessOptions {
  int width = 1280, height = 720;
  std::int64_t refresh_mhz = 60'000;  // 60 Hz
  fs::path keep;                      // where to keep what was handed over; empty = nowhere
};
// A virtual vblank clock. With `keep` it records every flip in glass-<start>.rec (format in
// docs/glass.md) and, twice a second at most, the whole picture as latest.nv12 (replaced whole).
Result<std::unique_ptr<Output>> make_headless_output(const Clock& clock,
                                                     const HeadlessOptions& options);

struct KmsOptions {
  fs::path device;     // "/dev/dri/card0"; empty = the first card with a connected display
  int rotation = 0;    // degrees clockwise that pictures are turned by: 0, 90, 180, 270
  fs::path last_good;  // where the last mode a display told is kept; empty = nowhere
  // The descriptor of a process before us whose picture is on the display; taken over by the call.
  int kept = -1;
  // Told once of a descriptor that is to outlive us with the picture on it. Null: the display goes
  // dark with the output.
  std::function<void(int card)> keep;
};
// A display of this machine, without a display server, in the mode it prefers; pictures lie in NV12
// where a plane takes that, else in 4 bytes a pixel. Lit (black, or still the picture before) from
// here on; dark, or the console's again, once destroyed, unless it is kept.
//
// A display that is unplugged or off is noticed within a second, and one that comes within four:
// meanwhile flips pass at the same pace, unseen, and display_bits do not say kDisplayConnected. A
// flip that fails leaves a mode to be set by the next one. A driver that counts no vblanks (virtual
// machines) is paced by the mode's refresh, its flips are counted here and its display_bits never
// say kDisplayVblankReal. Errors: `not_found` (no such device, no connector), `denied` (another
// program is DRM master, or no permission), `unavailable` (no dumb buffers, no atomic commits).
Result<std::unique_ptr<Output>> make_kms_output(const Clock& clock, const KmsOptions& options);

struct X11Options {
  std::string display;        // ":0"; empty = the one $DISPLAY names
  int width = 0, height = 0;  // even; 0 = the whole of the first display in use
};
// A window of an X server on this machine, on top of all others, without a window manager's help:
// nothing is seen of it before the first flip, and while it is open the pointer over it, screen
// saver and power saving are off. Pictures lie in memory shared with the server (MIT-SHM 1.2).
//
// X tells no vblank: they are counted here, at the refresh the server states, else at 60 Hz. A flip
// returns once the server has taken the picture, and its time is the vblank of that count which the
// picture was on the screen in. display_bits repeat what the server says of the display (a virtual
// one says "connected" as well) and never kDisplayVblankReal.
//
// A server that goes away fails the flips, each of which tries to open it anew. Errors: `invalid`
// (no name of a display, a size), `unavailable` (no server, one of another machine or of other
// pixels).
Result<std::unique_ptr<Output>> make_x11_output(const Clock& clock, const X11Options& options);

// `inner` as a display that hangs turned clockwise by 90, 180 or 270 degrees sees it: what it is
// given is upright, and is turned back before it is handed on. 0: `inner` itself.
std::unique_ptr<Output> make_rotated_output(std::unique_ptr<Output> inner, int degrees);

}  // namespace vitrine
