// One line an event, to stderr, where journald (or the demo's supervisor) picks it up. Thread-safe.
//
//     log_warn("cannot apply schedule {}: {}; keeping {}", version, error.message, current);
#pragma once

#include <spdlog/fmt/fmt.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vitrine {

enum class LogLevel { info, warn, error };

// Names the process in each line; call once at the start of main.
void log_start(std::string_view process);
// Lines below this level are left out; all are told unless this is called.
void log_least(LogLevel level);
void log_line(LogLevel level, std::string_view line);

// The last 400 lines of this process as they were written, oldest first; empty before log_start.
std::vector<std::string> recent_log_lines();

template <class... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
  log_line(LogLevel::info, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_warn(fmt::format_string<Args...> format, Args&&... args) {
  log_line(LogLevel::warn, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_error(fmt::format_string<Args...> format, Args&&... args) {
  log_line(LogLevel::error, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace vitrine
