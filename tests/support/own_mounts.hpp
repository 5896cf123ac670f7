// A mount namespace of a test's own: what it mounts nobody else sees, and it is gone with the test.
#pragma once

#include <sched.h>
#include <sys/mount.h>

#include <exception>
#include <functional>
#include <thread>

namespace vitrine::testing {

// Runs `inside` on a thread that has one; threads and processes it starts are in there with it.
// False where that is not permitted, and nothing was run.
inline bool with_own_mounts(const std::function<void()>& inside) {
  bool ran = false;
  std::exception_ptr failed;
  std::thread([&] {
    if (::unshare(CLONE_NEWNS) != 0) return;
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return;
    ran = true;
    try {
      inside();
    } catch (...) {
      failed = std::current_exception();
    }
  }).join();
  if (failed) std::rethrow_exception(failed);
  return ran;
}

}  // namespace vitrine::testing
