// Each in a child of its own: what is given up here does not come back.
#include "platform/private_memory.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

using namespace vitrine;

namespace {

bool holds_in_a_child(const std::function<bool()>& claim) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) ::_exit(claim() ? 0 : 1);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

TEST_CASE("private memory leaves no core file and is not dumpable, for good") {
  CHECK(holds_in_a_child([] {
    (void)keep_memory_private();
    const PrivateMemory told = private_memory();
    const rlimit again{1 << 20, 1 << 20};
    const bool stays = ::geteuid() == 0 || ::setrlimit(RLIMIT_CORE, &again) != 0;
    return !told.core_files && !told.dumpable && stays;
  }));
}

TEST_CASE("private memory stays in RAM where the kernel allows it, or says what it lacks") {
  CHECK(holds_in_a_child([] {
    const Status kept = keep_memory_private();
    const PrivateMemory told = private_memory();
    if (kept) return told.locked || !told.swap_here;
    return kept.error().message.find("MemorySwapMax=0") != std::string::npos;
  }));
}

TEST_CASE("without it a process is as open as any") {
  CHECK(holds_in_a_child([] {
    const PrivateMemory told = private_memory();
    return told.dumpable && !told.locked;
  }));
}
