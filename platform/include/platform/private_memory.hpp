// A process whose memory nobody else is to see: not in a core file, not by a debugger, not in swap.
#pragma once

#include <string>

#include "base/result.hpp"

namespace vitrine {

// For the whole process, from here on; call it first thing in main, before anything private is in
// memory. Not inherited over exec.
//  - No core file, whatever kernel.core_pattern says: RLIMIT_CORE is 0 for good, and the process is
//    not dumpable (prctl(2), PR_SET_DUMPABLE), which also keeps others of its user from ptrace and
//    /proc/PID/mem. root is kept from nothing.
//  - No page that is ever touched goes to swap (mlockall(2), MCL_ONFAULT: what is mapped and never
//    used costs nothing). That takes root, CAP_IPC_LOCK or RLIMIT_MEMLOCK without a limit.
// Errors: `denied`, one line that says what the kernel did not grant and what the unit must give.
// The rest holds all the same: a caller without secrets of weight may go on.
Status keep_memory_private();

// What the kernel says of this process, for tests and the log.
struct PrivateMemory {
  bool core_files = true;  // it could leave one
  bool dumpable = true;
  bool locked = false;    // pages stay in RAM
  bool swap_here = true;  // the machine has somewhere to swap to
};
PrivateMemory private_memory();

}  // namespace vitrine
