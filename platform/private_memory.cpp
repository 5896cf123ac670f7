#include "platform/private_memory.hpp"

#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "platform/file.hpp"

namespace vitrine {
namespace {

Error denied(const std::string& what) {
  return fail(ErrorCode::denied, what + ": " + std::strerror(errno));
}

// What follows "name:" in /proc/self/status, as a number; 0 when it is not there.
std::uint64_t own_status(const std::string& name, int base) {
  const auto status = read_text("/proc/self/status", 1 << 16);
  if (!status) return 0;
  std::istringstream lines(*status);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name + ":"))
      return std::strtoull(line.c_str() + name.size() + 1, nullptr, base);
  }
  return 0;
}

// Below a limit that is not reached yet mlockall() would succeed, and an allocation fail later.
bool may_lock_all() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY) return true;
  return (own_status("CapEff", 16) >> CAP_IPC_LOCK & 1) != 0;
}

bool machine_swaps() {
  const auto swaps = read_text("/proc/swaps", 1 << 16);
  return !swaps || std::count(swaps->begin(), swaps->end(), '\n') > 1;  // below a line of headings
}

}  // namespace

Status keep_memory_private() {
  // The limit alone does not hold: a core_pattern that is a pipe ignores it.
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0) return denied("core files cannot be forbidden");
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    return denied("the process cannot be made undumpable");
  errno = EPERM;
  if (may_lock_all() && ::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0) return ok();
  if (!machine_swaps()) return ok();
  return denied(
      "memory may go to swap (the unit must give LimitMEMLOCK=infinity or MemorySwapMax=0)");
}

PrivateMemory private_memory() {
  PrivateMemory told;
  rlimit core{};
  told.core_files = ::getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_cur != 0;
  told.dumpable = ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0;
  // All but what the kernel maps itself; a library may lock a page or two of its own.
  told.locked = 2 * own_status("VmLck", 10) > own_status("VmSize", 10);
  told.swap_here = machine_swaps();
  return told;
}

}  // namespace vitrine
