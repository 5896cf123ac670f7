// Shifts CLOCK_REALTIME by VITRINE_TEST_CLOCK_SHIFT microseconds for the process that preloads
// this. Every other clock is left alone.
#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>

#include "shared_number.hpp"

namespace {

std::int64_t shift() {
  static const vitrine::testing::SharedNumber number("VITRINE_TEST_CLOCK_SHIFT");
  return number.get();
}

using ClockGettime = int (*)(clockid_t, timespec*);

int real_clock_gettime(clockid_t clock, timespec* now) {
  static const auto next = reinterpret_cast<ClockGettime>(dlsym(RTLD_NEXT, "clock_gettime"));
  return next(clock, now);
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* now) noexcept {
  const int done = real_clock_gettime(clock, now);
  if (done != 0 || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) return done;
  const std::int64_t by = shift();
  now->tv_sec += by / 1'000'000;
  now->tv_nsec += by % 1'000'000 * 1000;
  if (now->tv_nsec < 0) {
    now->tv_nsec += 1'000'000'000;
    --now->tv_sec;
  } else if (now->tv_nsec >= 1'000'000'000) {
    now->tv_nsec -= 1'000'000'000;
    ++now->tv_sec;
  }
  return 0;
}

extern "C" int gettimeofday(timeval* now, void* zone) noexcept {
  (void)zone;  // obsolete, and nobody asks
  timespec precise{};
  if (clock_gettime(CLOCK_REALTIME, &precise) != 0) return -1;
  now->tv_sec = precise.tv_sec;
  now->tv_usec = precise.tv_nsec / 1000;
  return 0;
}

extern "C" time_t time(time_t* into) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (into != nullptr) *into = now.tv_sec;
  return now.tv_sec;
}
