#include "vet/sandbox.hpp"

#include <seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

namespace vitrine {
namespace {

// Sanitizers reserve terabytes of address space at their start.
#ifdef VITRINE_SANITIZED
constexpr bool kLimitAddressSpace = false;
#else
constexpr bool kLimitAddressSpace = true;
#endif

Error refused(const std::string& what, int number) {
  return fail(ErrorCode::internal, "sandbox: " + what + ": " + std::strerror(number));
}

Status limit(int resource, rlim_t value, const char* name) {
  const rlimit wanted{value, value};
  if (::setrlimit(static_cast<__rlimit_resource>(resource), &wanted) != 0) {
    return refused(name, errno);
  }
  return ok();
}

Status filter_system_calls() {
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  if (filter == nullptr) return refused("no filter", ENOMEM);
  int result = 0;
  const auto rule = [&](std::uint32_t action, const char* name) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR || result != 0) return;  // a call this kernel's table lacks
    result = seccomp_rule_add(filter, action, number, 0);
  };
  // A decoder has no honest reason for any of these.
  for (const char* name : {"socket",
                           "socketpair",
                           "connect",
                           "bind",
                           "listen",
                           "accept",
                           "accept4",
                           "sendto",
                           "sendmsg",
                           "sendmmsg",
                           "execve",
                           "execveat",
                           "fork",
                           "vfork",
                           "ptrace",
                           "process_vm_readv",
                           "process_vm_writev",
                           "pidfd_getfd",
                           "bpf",
                           "perf_event_open",
                           "userfaultfd",
                           "keyctl",
                           "add_key",
                           "request_key",
                           "mount",
                           "umount2",
                           "setns",
                           "unshare",
                           "init_module",
                           "finit_module",
                           "io_uring_setup"}) {
    rule(SCMP_ACT_KILL_PROCESS, name);
  }
  // Libraries may try these and live with a no.
  for (const char* name :
       {"open",     "openat",    "openat2",  "creat",    "unlink",  "unlinkat",  "rename",
        "renameat", "renameat2", "link",     "linkat",   "symlink", "symlinkat", "mkdir",
        "mkdirat",  "chmod",     "fchmodat", "truncate", "kill",    "tkill",     "prlimit64"}) {
    rule(SCMP_ACT_ERRNO(EACCES), name);
  }
  if (result == 0) result = seccomp_load(filter);
  seccomp_release(filter);
  if (result != 0) return refused("the system call filter does not load", -result);
  return ok();
}

}  // namespace

Status enter_sandbox(const SandboxLimits& limits) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return refused("no death with the parent", errno);
  if (kLimitAddressSpace) {
    if (auto set = limit(RLIMIT_AS, limits.memory_bytes, "memory limit"); !set) return set;
  }
  if (auto set = limit(RLIMIT_CPU, limits.cpu_seconds, "CPU limit"); !set) return set;
  ::signal(SIGXFSZ, SIG_IGN);  // a write that would grow a file is an error, told as one
  if (auto set = limit(RLIMIT_FSIZE, 0, "file size limit"); !set) return set;
  if (auto set = limit(RLIMIT_CORE, 0, "core limit"); !set) return set;
  if (::setpriority(PRIO_PROCESS, 0, 10) != 0)
    return refused("low priority", errno);  // the player comes first
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refused("no new privileges", errno);
  return filter_system_calls();
}

}  // namespace vitrine
