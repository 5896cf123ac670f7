// How many decoder threads a creative needs on this board, and whether any number will do.
#pragma once

#include <functional>
#include <string>

#include "state/content_store.hpp"

namespace vitrine {

// Permille of real time.
struct DecodeSpeed {
  std::uint32_t by_wall = 0;  // as it was
  // As it would be on cores of its own: from the CPU time, shared evenly by the threads. Above what
  // those can do, never below.
  std::uint32_t by_cpu = 0;
};

// Sets threads and speed of an eligible video: the smallest count that reaches 1.5 x real time,
// else the fastest of 1 to `most`. What comes nowhere near real time even on cores of its own is
// not eligible ("1080p60 HEVC: this board 18 fps"): a machine that was busy refuses nothing,
// and what is over in a second tells too little.
void settle_threads(Verdict& verdict, int most,
                    const std::function<DecodeSpeed(int threads)>& measure);

}  // namespace vitrine
