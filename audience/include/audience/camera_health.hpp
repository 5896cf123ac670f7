// Whether what a camera shows can be counted on at all. Pure: frames in, a verdict out; times are
// those of the frames. A verdict other than `none` means that nobody can be counted in this frame:
// blind time, never zero people. Looks at two frames a second, and costs less than 0.1 ms of each
// of ten. What it has learned of this camera lies in RAM only and is forgotten with the process, so
// a start (as after set-up by a technician) takes the view it finds for the right one.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "audience/frame_source.hpp"

namespace vitrine {

// Most telling first: of several only the first is told.
enum class CameraFault {
  none,
  dark,     // too little light to see anybody
  covered,  // hardly any structure: a hand, a cap, paint, a door in front of it
  frozen,   // the same picture to the last bit, though frames arrive
  moved,    // its view is no longer the one it was set up for: the line lies elsewhere
  blurred,  // far less detail than this camera used to show
};
inline constexpr int kCameraFaults = 6;
std::string_view name_of(CameraFault fault);  // "ok" for none, else the word above

// Lengths in cells of a picture brought to 80 by 60, brightness in steps of 256. The figures behind
// the limits are from the clips of tests/audience/camera_health_test.cpp and from the same clips
// spoilt there.
struct CameraHealthOptions {
  // 98 of 100 cells below: lamps alone do not light a lobby. Video black is 16.
  int dark_below = 40;
  // Mean curvature of the picture brought to 40 by 30: a quarter of what four neighbours differ by
  // from the one between them. A lens under a hand, tape or paint shows a smooth glow, next to none
  // of it, and the noise of a sensor short of light: together 0.1 to 0.5, at most 1.1 times the
  // noise. The emptiest of the clips has 1.6; a drawn room of one wall and one floor 0.44, but 1.8
  // times its noise, for a wall stays from look to look.
  double covered_below = 1.0, noise_times = 1.35, blank_below = 0.3;
  // Dark and covered are told after this, and are over after `clear_after` of a good picture.
  Micros obscured_after = kSecond;
  // Sensors are noisy: two equal frames are rare, and ten seconds of them impossible. Not judged
  // for recordings.
  Micros frozen_after = 10 * kSecond;
  Micros clear_after = 2 * kSecond;

  // Blurred and moved are judged against what was learned, from this much good picture on.
  Micros learn = 20 * kSecond;
  // Share of this camera's usual detail: the energy of structures of 1 % of the width against
  // those of 3 %, which does not depend on the light.
  double blurred_below = 0.4, sharp_above = 0.55;
  Micros blurred_after = 15 * kSecond;

  // Likeness (correlation, -1..1) of the edges now, averaged over `average`, to those learned; the
  // worse of upright and level edges, for a shift along one kind spoils only the other. Moved: some
  // shift of at least `least_shift` fits better than none by `better_by`, or nothing fits at all
  // (`unlike_below`). A crowd or other light lowers the likeness (0.84 at least on the clips), but
  // no shift mends it. Found are shifts from about 4 % of the picture on; a camera that is only
  // turned about its axis, by 6 degrees, is not.
  double alike_above = 0.7, better_by = 0.1, unlike_below = 0.45;
  int least_shift = 2, most_shift = 12;
  Micros average = 5 * kSecond;
  Micros moved_after = 10 * kSecond, unlike_after = 30 * kSecond;
  // A camera that was moved for good is believed after this, and learns its new view.
  Micros resign_after = 30 * kMinute;
};

class CameraHealth {
 public:
  explicit CameraHealth(const CameraHealthOptions& options = {}) : options_(options) {}

  // Of every frame, in order.
  CameraFault see(const Frame& frame, bool live = true);
  // The camera was away: what counted up to a verdict starts anew. What was learned is kept, for it
  // may come back askew.
  void interrupted();
  // A person says that the view is right.
  void learn_anew();
  // Whether the last see() gave up the old view for a new one by itself.
  bool resigned() const { return resigned_; }

  struct Figures {
    double structure = 0;  // mean curvature
    double noise = 0;      // the part of it that noise has
    int bright = 0;        // 98th percentile
    double detail = 0;     // of this frame; 0 = not to be said
    double usual_detail = 0;
    double likeness = 1;       // with the view learned
    double best_likeness = 1;  // at the best shift
  };
  const Figures& figures() const { return figures_; }  // of the last look

 private:
  // A condition that must hold for some time, and be gone for some time.
  struct Standing {
    bool raised = false;
    std::optional<Micros> since;  // the condition has differed from `raised` since
    void update(Micros at, bool holds, bool gone, Micros raise_after, Micros clear_after);
  };
  void look(const Frame& frame, bool live);
  void shrink(const Frame& frame);
  void measure_light();
  void measure_structure();
  double detail() const;
  void find_edges();
  void learn(Micros at);
  double likeness(int shift_x, int shift_y) const;
  double best_likeness() const;
  void judge_view(Micros at);

  CameraHealthOptions options_;
  Figures figures_;
  CameraFault fault_ = CameraFault::none;
  std::optional<Micros> looked_;
  std::vector<float> fine_, cells_, coarse_;  // the last look, 160x120, 80x60 and 40x30
  std::vector<float> bent_, bent_before_;     // its curvature, and that of the look before
  // Upright edges, then level ones: of this look, of the last seconds, learned.
  std::vector<float> edges_, recent_, usual_;
  double usual_detail_ = 0;
  Micros learned_ = 0;   // good picture since learning began
  Micros averaged_ = 0;  // that `recent_` holds
  std::uint64_t print_ = 0;
  std::optional<Micros> same_since_;
  Standing dark_, covered_, blurred_, moved_, unlike_;
  std::optional<Micros> searched_;
  std::optional<Micros> moved_since_;
  bool resigned_ = false;
};

}  // namespace vitrine
