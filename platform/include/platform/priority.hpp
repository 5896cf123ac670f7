// Whose turn comes first: work that must not be late, and work that nobody waits for.
#pragma once

#include "base/result.hpp"

namespace vitrine {

// The calling thread goes before all that have no real-time priority (SCHED_RR, the lowest of its
// levels); threads it starts do not. For one that sleeps most of the time and then must not be
// late. `denied`: it takes root or a limit that allows it (LimitRTPRIO=).
Status prefer_this_thread();

// The calling thread from here on: the disk and the processor only when nobody else wants them
// (idle I/O class, nice 19). Without permission or on a kernel without I/O classes nothing changes.
void run_in_background();

}  // namespace vitrine
