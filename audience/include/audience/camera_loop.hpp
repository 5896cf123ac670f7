// Keeps one camera open and feeds its frames to the observer. A camera that is missing or fails
// costs coverage, never the daemon: one line in the log, a new try every two seconds.
#pragma once

#include <atomic>
#include <string>

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

  CameraState state() const { return state_; }     // any thread
  Micros last_step() const { return last_step_; }  // any thread; CLOCK_BOOTTIME, 0 = never

 private:
  void say(const Error& error);

  const Clock& clock_;
  std::string named_;
  OpenCamera open_;
  Observer& observer_;
  std::unique_ptr<FrameSource> source_;
  Frame frame_;
  Micros retry_at_ = 0;
  std::string said_;  // the error last told, so that it is told once
  std::atomic<CameraState> state_{CameraState::absent};
  std::atomic<Micros> last_step_{0};
};

}  // namespace vitrine
