// A child process of a test: started without a shell, ended by its pid, its output in a file.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace vitrine::testing {

class Process {
 public:
  // stdout and stderr are appended to `log`. Throws std::runtime_error when it cannot be started.
  // The child dies with the test.
  Process(const std::vector<std::string>& command, const std::filesystem::path& log);
  ~Process();  // SIGKILL when it still runs
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  bool running();
  void signal(int number);
  // Waits for its end; exit status, or 128 + signal.
  int wait();
  // Gives up ownership: the caller ends the process by its pid.
  pid_t release() { return std::exchange(pid_, -1); }

 private:
  pid_t pid_ = -1;
  int status_ = -1;
};

// Runs to its end and returns the exit status.
int run(const std::vector<std::string>& command, const std::filesystem::path& log);

// Asks `condition` again and again, doing `step` in between, until it holds (true) or `limit` is
// over (false). The limit is only there so that a failure ends: a passing test never waits for it.
bool until(const std::function<bool()>& condition, const std::function<void()>& step = {},
           std::chrono::milliseconds limit = std::chrono::seconds(30));

}  // namespace vitrine::testing
