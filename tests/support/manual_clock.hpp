// A clock the test moves by hand. sleep_until() jumps straight to its deadline, so no test ever
// waits. Thread-safe.
#pragma once

#include <atomic>

#include "platform/clock.hpp"

namespace vitrine::testing {

class ManualClock final : public Clock {
 public:
  explicit ManualClock(Micros boottime = 1000 * kSecond, Micros realtime = 1'790'000'000 * kSecond)
      : boottime_(boottime), offset_(realtime - boottime) {}
  Micros boottime() const override { return boottime_; }
  Micros monotonic() const override { return boottime_ - slept_; }
  Micros realtime() const override { return boottime_ + offset_; }
  BootId boot_id() const override { return {0x1122334455667788, boot_}; }
  void sleep_until(Micros deadline) const override {
    Micros now = boottime_;
    while (now < deadline && !boottime_.compare_exchange_weak(now, deadline)) {
    }
  }
  void advance(Micros by) { boottime_ += by; }
  // The machine sleeps: CLOCK_BOOTTIME and the wall clock go on, CLOCK_MONOTONIC stands still.
  void suspend(Micros by) {
    slept_ += by;
    boottime_ += by;
  }
  void step_wall_clock(Micros by) { offset_ += by; }
  // The power came back: another boot, half a minute old, after `off` by the wall clock.
  void reboot(Micros off) {
    const Micros wall = realtime() + off;
    ++boot_;
    boottime_ = 30 * kSecond;
    offset_ = wall - boottime_;
  }

 private:
  mutable std::atomic<Micros> boottime_;
  std::atomic<Micros> offset_;
  std::atomic<Micros> slept_ = 0;
  std::atomic<std::int64_t> boot_{0x0102030405060708};
};

}  // namespace vitrine::testing
