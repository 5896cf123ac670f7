#include "audience/camera_loop.hpp"

#include <algorithm>

#include "platform/log.hpp"

namespace vitrine {
namespace {

constexpr Micros kRetry = 2 * kSecond;
constexpr Micros kLongestWait = 200 * kMillisecond;

}  // namespace

void CameraLoop::say(const Error& error) {
  if (error.message == said_) return;
  said_ = error.message;
  log_warn("{}; trying again every {} s, plays get coverage 0 meanwhile", error.message,
           kRetry / kSecond);
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
      say(opened.error());
      retry_at_ = now + kRetry;
      return;
    }
    source_ = std::move(*opened);
  }
  auto got = source_->next(frame_, now + kLongestWait);
  if (!got) {
    say(got.error());
    close();
    retry_at_ = clock_.boottime() + kRetry;
    return;
  }
  if (!*got) return;
  // Open is told by the first frame: a file that opens and holds nothing must not look like a
  // camera that comes and goes.
  if (state_ != CameraState::open) {
    log_info("camera {} gives frames of {}x{}", named_, frame_.width, frame_.height);
    said_.clear();
    state_ = CameraState::open;
  }
  observer_.see(frame_);
}

void CameraLoop::close() {
  source_.reset();
  observer_.lost();
  state_ = CameraState::absent;
}

}  // namespace vitrine
