#include "platform/priority.hpp"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace vitrine {
namespace {

// linux/ioprio.h: a process or thread by its id, and the class in the upper bits.
constexpr int kWhoProcess = 1;
constexpr int kClassIdle = 3 << 13;

}  // namespace

void run_in_background() {
  const auto thread = static_cast<int>(::syscall(SYS_gettid));
  (void)::syscall(SYS_ioprio_set, kWhoProcess, thread, kClassIdle);
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(thread), 19);
}

}  // namespace vitrine
