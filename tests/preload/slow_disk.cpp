// Every fsync and fdatasync takes VITRINE_TEST_FSYNC_DELAY microseconds longer.
#include <dlfcn.h>
#include <unistd.h>

#include "shared_number.hpp"

namespace {

using Sync = int (*)(int);

void wait() {
  static const vitrine::testing::SharedNumber delay("VITRINE_TEST_FSYNC_DELAY");
  if (const std::int64_t us = delay.get(); us > 0) ::usleep(static_cast<useconds_t>(us));
}

}  // namespace

extern "C" int fsync(int file) {
  static const auto next = reinterpret_cast<Sync>(dlsym(RTLD_NEXT, "fsync"));
  wait();
  return next(file);
}

extern "C" int fdatasync(int file) {
  static const auto next = reinterpret_cast<Sync>(dlsym(RTLD_NEXT, "fdatasync"));
  wait();
  return next(file);
}
