// Every fsync and fdatasync takes VITRINE_TEST_FSYNC_DELAY microseconds longer, and every pwrite, which
// is how SQLite writes, VITRINE_TEST_WRITE_DELAY.
#include <dlfcn.h>
#include <unistd.h>

#include "shared_number.hpp"

namespace {

using vitrine::testing::SharedNumber;
using Sync = int (*)(int);
using Write = ssize_t (*)(int, const void*, size_t, off_t);

void wait(const SharedNumber& delay) {
  if (const std::int64_t us = delay.get(); us > 0) ::usleep(static_cast<useconds_t>(us));
}

void wait_for_sync() {
  static const SharedNumber delay("VITRINE_TEST_FSYNC_DELAY");
  wait(delay);
}

ssize_t slow_write(const char* name, int file, const void* bytes, size_t size, off_t at) {
  static const SharedNumber delay("VITRINE_TEST_WRITE_DELAY");
  static const auto next = reinterpret_cast<Write>(dlsym(RTLD_NEXT, name));
  wait(delay);
  return next(file, bytes, size, at);
}

}  // namespace

extern "C" int fsync(int file) {
  static const auto next = reinterpret_cast<Sync>(dlsym(RTLD_NEXT, "fsync"));
  wait_for_sync();
  return next(file);
}

extern "C" int fdatasync(int file) {
  static const auto next = reinterpret_cast<Sync>(dlsym(RTLD_NEXT, "fdatasync"));
  wait_for_sync();
  return next(file);
}

extern "C" ssize_t pwrite(int file, const void* bytes, size_t size, off_t at) {
  return slow_write("pwrite", file, bytes, size, at);
}

extern "C" ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t at) {
  return slow_write("pwrite", file, bytes, size, at);
}
