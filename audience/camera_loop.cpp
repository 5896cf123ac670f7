#include "audience/camera_loop.hpp"

#include <algorithm>

#include "platform/log.hpp"

namespace vitrine {
namespace {

constexpr Micros kFirstRetry = kSecond;
constexpr Micros kLongestRetry = 10 * kSecond;
// Pictures for so long make an earlier failure forgotten. Less, and a camera that fails with each
// opening would be opened every second for ever.
constexpr Micros kWellFor = 10 * kSecond;
constexpr Micros kLongestWait = 200 * kMillisecond;
constexpr Micros kTellDamageEvery = kMinute;
// A frame speaks for the time to the next one up to here; longer is the source's silence.
constexpr Micros kLongestStep = kSecond;

}  // namespace

void CameraLoop::retry_later(const Error& error, Micros now) {
  if (opened_at_ && now - *opened_at_ >= kWellFor) failures_ = 0;
  const Micros wait = std::min(kFirstRetry << std::min(failures_, 10), kLongestRetry);
  ++failures_;
  retry_at_ = now + wait;
  if (error.message == said_) return;
  said_ = error.message;
  log_warn("{}; trying again, first in {} s, plays get coverage 0 meanwhile", error.message,
           wait / kSecond);
}

void CameraLoop::tell_damage(Micros now) {
  const std::int64_t damaged = source_->damaged();
  if (damaged == damaged_ || now < tell_damage_at_) return;
  log_warn("camera {}: {} damaged pictures passed over, {} since it was opened", named_,
           damaged - damaged_, damaged);
  damaged_ = damaged;
  tell_damage_at_ = now + kTellDamageEvery;
}

void CameraLoop::tell_fault(CameraFault fault) {
  if (fault == fault_) return;
  if (fault == CameraFault::none) {
    log_info("camera {} sees well again, after {}", named_, name_of(fault_));
  } else {
    log_warn("camera {}: its picture is {}; nobody is counted, plays get no coverage", named_,
             name_of(fault));
  }
  fault_ = fault;
}

void CameraLoop::judge() {
  const CameraFault before = fault_;
  const CameraFault fault = health_.see(frame_, source_->live());
  if (health_.resigned()) {
    log_warn("camera {} was moved for good: its view of now is learned, check the line", named_);
  }
  if (judged_at_ && before != CameraFault::none && frame_.at > *judged_at_) {
    blind_[static_cast<std::size_t>(before)] += std::min(frame_.at - *judged_at_, kLongestStep);
  }
  judged_at_ = frame_.at;
  tell_fault(fault);
  if (fault == CameraFault::none) {
    observer_.see(frame_);
  } else {
    observer_.blind(frame_.at);
  }
}

void CameraLoop::step() {
  const Micros now = clock_.boottime();
  last_step_ = now;
  if (!source_) {
    if (now < retry_at_) {
      clock_.sleep_until(std::min(retry_at_, now + kLongestWait));
      return;
    }
    auto opened = open_();
    if (!opened) {
      retry_later(opened.error(), clock_.boottime());
      return;
    }
    source_ = std::move(*opened);
    damaged_ = 0;
  }
  auto got = source_->next(frame_, now + kLongestWait);
  if (!got) {
    retry_later(got.error(), clock_.boottime());
    close();
    return;
  }
  tell_damage(now);
  if (!*got) return;
  // Open is told by the first frame: a file that opens and holds nothing must not look like a
  // camera that comes and goes.
  if (state_ != CameraState::open) {
    log_info("camera {} gives frames of {}x{}", named_, frame_.width, frame_.height);
    said_.clear();
    opened_at_ = clock_.boottime();
    state_ = CameraState::open;
  }
  judge();
}

void CameraLoop::close() {
  source_.reset();
  observer_.lost();
  health_.interrupted();
  opened_at_.reset();
  judged_at_.reset();
  state_ = CameraState::absent;
}

}  // namespace vitrine
