// The daemon's own pipeline on the technician's camera, with the newest frame kept for his eyes.
#pragma once

#include <memory>
#include <string>

#include "audience/camera_loop.hpp"
#include "canvas.hpp"
#include "session.hpp"

namespace vitrine::setup {

class Watch {
 public:
  // All must outlive it.
  Watch(const SetupSession& session, Detector& detector, const Clock& clock);
  ~Watch();

  void step();  // as CameraLoop::step
  // What has been counted since this watch began, in one line, and whether frames come.
  std::string figures();
  bool seeing() const;
  Canvas picture() const;  // the newest frame with line, zone and boxes; empty before the first

 private:
  class Kept;
  const SetupSession& session_;
  const Clock& clock_;
  std::unique_ptr<Kept> kept_;
  PresenceTimeline timeline_;
  Observer observer_;
  CameraLoop loop_;
  Micros began_;
};

}  // namespace vitrine::setup
