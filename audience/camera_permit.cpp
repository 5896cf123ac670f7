#include "audience/camera_permit.hpp"

#include "platform/file_lock.hpp"

namespace vitrine {
namespace {

constexpr Micros kAskAgain = kSecond;

}  // namespace

Status CameraPermit::ask(Micros now) {
  asked_at_ = now;
  answer_ = Answer::off;
  if (auto may = may_count(paths_); !may) return may;
  if (is_locked(paths_.camera_held())) {
    answer_ = Answer::held;
    return fail(ErrorCode::conflict, "a technician has the camera (vitrine-camera-setup holds " +
                                         paths_.camera_held().string() + ")");
  }
  answer_ = Answer::yes;
  return ok();
}

bool CameraPermit::withdrawn(Micros now) {
  if (asked_at_ != kAbsent && now - asked_at_ < kAskAgain) return false;
  return !ask(now).ok();
}

}  // namespace vitrine
