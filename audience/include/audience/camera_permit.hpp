// Whether the camera may be looked at: only when somebody switched it on with a recorded basis
// (state/camera.hpp), and not while a technician holds it (vitrine-camera-setup). Both are asked
// again every second, so what is switched off stays off without a restart.
#pragma once

#include <atomic>

#include "base/math.hpp"
#include "base/time.hpp"
#include "state/camera.hpp"

namespace vitrine {

class CameraPermit {
 public:
  enum class Answer { yes, off, held };

  explicit CameraPermit(StatePaths paths) : paths_(std::move(paths)) {}

  // Camera thread. `denied` or `conflict`, one line: why not, and what to do.
  Status ask(Micros now);
  // Camera thread: true when it was asked longer than a second ago, is asked again, and says no.
  bool withdrawn(Micros now);
  Answer answer() const { return answer_; }  // the last one; any thread

 private:
  StatePaths paths_;
  Micros asked_at_ = kAbsent;
  std::atomic<Answer> answer_{Answer::off};
};

}  // namespace vitrine
