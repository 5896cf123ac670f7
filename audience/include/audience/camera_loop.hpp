// Keeps one camera open and feeds its frames to the observer. A camera that is missing or fails
// costs coverage, never the daemon: one line in the log, and a new try after 1, 2, 4, 8, then every
// 10 seconds; from 1 again when it has given pictures for ten. So does one that gives pictures on
// which nobody can be counted (camera_health.hpp).
#pragma once

#include <array>
#include <atomic>
#include <string>

#include "audience/camera_health.hpp"
#include "audience/observer.hpp"
#include "platform/clock.hpp"

namespace vitrine {

enum class CameraState { absent, open };

class CameraLoop {
 public:
  // `clock` and `observer` must outlive it. `named` is what the log calls the camera.
  CameraLoop(const Clock& clock, std::string named, OpenCamera open, Observer& observer)
      : clock_(clock), named_(std::move(named)), open_(std::move(open)), observer_(observer) {}

  // One frame, one try to open, or a wait; returns within a fifth of a second, decoding aside.
  // Camera thread only.
  void step();
  void close();  // the same thread, or any once that has ended

  CameraState state() const { return state_; }  // any thread
  CameraFault fault() const { return fault_; }  // any thread; of the newest frame
  // Time in which pictures came that nobody could be counted in, by cause, since start. Any thread.
  Micros blind(CameraFault cause) const { return blind_[static_cast<std::size_t>(cause)]; }
  Micros last_step() const { return last_step_; }  // any thread; CLOCK_BOOTTIME, 0 = never

 private:
  void retry_later(const Error& error, Micros now);
  void tell_damage(Micros now);
  void tell_fault(CameraFault fault);
  void judge();

  const Clock& clock_;
  std::string named_;
  OpenCamera open_;
  Observer& observer_;
  std::unique_ptr<FrameSource> source_;
  Frame frame_;
  CameraHealth health_;
  Micros retry_at_ = 0;
  int failures_ = 0;                 // in a row
  std::optional<Micros> opened_at_;  // its first frame
  std::optional<Micros> judged_at_;  // the frame last judged, of this opening
  std::int64_t damaged_ = 0;         // as told last
  Micros tell_damage_at_ = 0;
  std::string said_;  // the error last told, so that it is told once
  std::atomic<CameraFault> fault_{CameraFault::none};
  std::array<std::atomic<Micros>, kCameraFaults> blind_{};
  std::atomic<CameraState> state_{CameraState::absent};
  std::atomic<Micros> last_step_{0};
};

}  // namespace vitrine
