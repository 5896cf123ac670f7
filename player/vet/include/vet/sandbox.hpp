// What a vetting child gives up before it looks at a file. Applies to the calling process, for
// good.
#pragma once

#include "base/result.hpp"

namespace vitrine {

struct SandboxLimits {
  std::uint64_t memory_bytes = 1ull << 30;
  std::uint64_t cpu_seconds = 300;
};

// Address space, CPU time, no file grows by a byte, dies with its parent; then no new privileges,
// and a system call filter under which a socket, a connection, another program or another process
// is death, and opening a file an error.
Status enter_sandbox(const SandboxLimits& limits);

}  // namespace vitrine
