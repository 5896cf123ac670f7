// Clocks, handed in so that tests can bend them. Wall time is a separate question from the time
// rows carry.
#pragma once

#include "base/ids.hpp"
#include "base/time.hpp"

namespace vitrine {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Micros boottime() const = 0;   // CLOCK_BOOTTIME: counts through suspend, never steps
  virtual Micros monotonic() const = 0;  // CLOCK_MONOTONIC: what KMS and V4L2 stamp with
  virtual Micros realtime() const = 0;   // CLOCK_REALTIME: UTC since 1970, may step, may be wrong
  virtual BootId boot_id() const = 0;
  // Returns at or after `deadline` on CLOCK_BOOTTIME, earlier only when a signal handler ran.
  virtual void sleep_until(Micros deadline) const = 0;
};

// The CLOCK_BOOTTIME of a moment stamped with CLOCK_MONOTONIC. For fresh stamps: the two part while
// the machine is suspended.
Micros boottime_of(const Clock& clock, Micros monotonic);

// The kernel's clocks. Thread-safe. boot_id is read once from /proc/sys/kernel/random/boot_id.
class SystemClock final : public Clock {
 public:
  SystemClock();
  Micros boottime() const override;
  Micros monotonic() const override;
  Micros realtime() const override;
  BootId boot_id() const override { return boot_id_; }
  void sleep_until(Micros deadline) const override;

 private:
  BootId boot_id_;
};

// Processor time the calling thread has spent so far, in nanoseconds: what a piece of work cost,
// whatever else the machine does.
std::int64_t thread_processor_ns();

// What the kernel knows of its own clock (adjtimex): synchronised to a source, and the estimated
// error.
struct KernelTimeState {
  bool synchronised = false;
  Micros estimated_error = 0;
};
// From what adjtimex answered: its return code, `status` and `esterror`. A leap second that is
// being inserted or has just passed (TIME_INS, TIME_OOP, TIME_WAIT) leaves the clock synchronised.
KernelTimeState kernel_time_state(int code, int status, long esterror_us);
// Telemetry only: the other units run under ProtectClock, where this answers `unavailable`.
Result<KernelTimeState> read_kernel_time_state();

}  // namespace vitrine
