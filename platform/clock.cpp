#include "platform/clock.hpp"

#include <sys/timex.h>
#include <time.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>

#include "base/bytes.hpp"

namespace vitrine {
namespace {

Micros read_clock(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return static_cast<Micros>(now.tv_sec) * kSecond + now.tv_nsec / 1000;
}

BootId read_boot_id() {
  std::string text;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> text;
  std::erase(text, '-');
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() != 16) return {};
  return {read_le64(bytes->data()), read_le64(bytes->data() + 8)};
}

}  // namespace

SystemClock::SystemClock() : boot_id_(read_boot_id()) {}
Micros SystemClock::boottime() const {
  return read_clock(CLOCK_BOOTTIME);
}
Micros SystemClock::monotonic() const {
  return read_clock(CLOCK_MONOTONIC);
}
Micros SystemClock::realtime() const {
  return read_clock(CLOCK_REALTIME);
}

void SystemClock::sleep_until(Micros deadline) const {
  // clock_nanosleep on BOOTTIME needs no privilege; an absolute deadline does not drift when we are
  // woken early.
  timespec until{};
  until.tv_sec = static_cast<time_t>(deadline / kSecond);
  until.tv_nsec = static_cast<long>(deadline % kSecond * 1000);
  clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &until, nullptr);
}

std::int64_t thread_processor_ns() {
  timespec spent{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return static_cast<std::int64_t>(spent.tv_sec) * 1'000'000'000 + spent.tv_nsec;
}

Micros boottime_of(const Clock& clock, Micros monotonic) {
  // Read one inside the other: a thread put to sleep in between would see the clocks apart.
  constexpr int kTries = 3;
  Micros difference = 0;
  Micros closest = std::numeric_limits<Micros>::max();
  for (int i = 0; i < kTries; ++i) {
    const Micros before = clock.monotonic();
    const Micros boottime = clock.boottime();
    const Micros took = clock.monotonic() - before;
    if (took >= closest) continue;
    closest = took;
    difference = boottime - before;
  }
  return monotonic + difference;
}

Result<KernelTimeState> read_kernel_time_state() {
  timex state{};
  const int rc = adjtimex(&state);
  if (rc < 0) {
    return fail(ErrorCode::unavailable, std::string("adjtimex: ") + std::strerror(errno));
  }
  return kernel_time_state(rc, state.status, state.esterror);
}

KernelTimeState kernel_time_state(int code, int status, long esterror_us) {
  return {code != TIME_ERROR && (status & STA_UNSYNC) == 0, esterror_us};
}

}  // namespace vitrine
