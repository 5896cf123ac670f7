// Work that nobody waits for.
#pragma once

namespace vitrine {

// The calling thread from here on: the disk and the processor only when nobody else wants them
// (idle I/O class, nice 19). Without permission or on a kernel without I/O classes nothing changes.
void run_in_background();

}  // namespace vitrine
