// What a process has cost so far, read from /proc.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace vitrine::fleet {

struct ProcessCost {
  double cpu_s = 0;  // user and system, all threads; to 10 ms
  double rss_mib = 0;
};
// Nothing when there is no such process.
std::optional<ProcessCost> process_cost(pid_t pid);

// CPU seconds of the process's living threads of that name (at most 15 letters).
double thread_cpu_s(pid_t pid, const std::string& thread);

}  // namespace vitrine::fleet
