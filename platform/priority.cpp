#include "platform/priority.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace vitrine {
namespace {

// linux/ioprio.h: a process or thread by its id, and the class in the upper bits.
constexpr int kWhoProcess = 1;
constexpr int kClassIdle = 3 << 13;

}  // namespace

Status prefer_this_thread() {
  sched_param lowest{};
  lowest.sched_priority = ::sched_get_priority_min(SCHED_RR);
  // Not pthread_setschedparam(), which does not know the flag.
  if (::sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &lowest) != 0) {
    return fail(ErrorCode::denied, std::string("no real-time priority: ") + std::strerror(errno));
  }
  return ok();
}

void run_in_background() {
  const auto thread = static_cast<int>(::syscall(SYS_gettid));
  (void)::syscall(SYS_ioprio_set, kWhoProcess, thread, kClassIdle);
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(thread), 19);
}

}  // namespace vitrine
