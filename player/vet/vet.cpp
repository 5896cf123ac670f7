#include "vet/vet.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "platform/log.hpp"
#include "vet/examine.hpp"

namespace vitrine {
namespace {

constexpr std::size_t kMostFindings = 8 * 1024;

struct Child {
  pid_t pid = -1;
  FileDescriptor findings;
};

Result<Child> start(const VetOptions& options, const fs::path& file, const Hash256& sha256) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail(ErrorCode::unavailable,
                std::string("cannot vet: no pipe: ") + std::strerror(errno));
  }
  FileDescriptor read_end(ends[0]), write_end(ends[1]);
  const std::string program = options.program, path = file, hash = to_hex(sha256);
  std::array<char*, 6> arguments = {const_cast<char*>("vitrine-vet"), const_cast<char*>("--file"),
                                    const_cast<char*>(path.c_str()),  const_cast<char*>("--sha256"),
                                    const_cast<char*>(hash.c_str()),  nullptr};
  const pid_t pid = ::fork();
  if (pid < 0) {
    return fail(ErrorCode::unavailable,
                std::string("cannot vet: no process: ") + std::strerror(errno));
  }
  if (pid == 0) {
    // Between fork and exec only what is safe after a fork. stderr is kept for the child's own log
    // lines.
    ::dup2(write_end.get(), STDOUT_FILENO);
    ::execv(program.c_str(), arguments.data());
    ::_exit(127);
  }
  return Child{pid, std::move(read_end)};
}

enum class Ended { closed, timed_out, stopped, babbled };

// Collects what the child writes until it closes its end, the time is up or a stop is asked for.
Ended listen(const Clock& clock, const Child& child, Micros until, const StopSignal* stop,
             std::string& text) {
  std::array<char, 4096> chunk;
  for (;;) {
    const Micros left = until - clock.boottime();
    if (left <= 0) return Ended::timed_out;
    std::array<pollfd, 2> waiting = {pollfd{child.findings.get(), POLLIN, 0},
                                     pollfd{stop ? stop->fd() : -1, POLLIN, 0}};
    const int ready = ::poll(waiting.data(), waiting.size(),
                             static_cast<int>(std::min<Micros>(left / kMillisecond + 1, 1000)));
    notify_watchdog();  // one child, bounded by its timeout: waiting for it is progress
    if (ready <= 0) continue;
    if (waiting[1].revents != 0) return Ended::stopped;
    const ssize_t got = ::read(child.findings.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Ended::closed;
    text.append(chunk.data(), static_cast<std::size_t>(got));
    if (text.size() > kMostFindings) return Ended::babbled;
  }
}

int reap(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

std::string reason_of(int status) {
  if (WIFSIGNALED(status)) {
    switch (WTERMSIG(status)) {
      case SIGXCPU:
      case SIGKILL:
        return "the decoder was killed (CPU or memory limit)";
      case SIGSYS:
        return "the decoder tried what no decoder may (system call filter)";
      default:
        return std::string("the decoder crashed: ") + strsignal(WTERMSIG(status));
    }
  }
  return "the decoder gave up (exit " + std::to_string(WEXITSTATUS(status)) + ")";
}

}  // namespace

Result<Verdict> vet_file(const Clock& clock, const VetOptions& options, const fs::path& file,
                         const Hash256& sha256, const StopSignal* stop) {
  auto child = start(options, file, sha256);
  if (!child) return std::move(child).error();
  std::string text;
  const Ended ended = listen(clock, *child, clock.boottime() + options.timeout, stop, text);
  if (ended != Ended::closed) ::kill(child->pid, SIGKILL);
  const int status = reap(child->pid);
  if (ended == Ended::stopped) {
    return fail(ErrorCode::unavailable, "vetting " + to_hex(sha256) + " was stopped");
  }
  if (ended == Ended::closed && WIFEXITED(status) && WEXITSTATUS(status) == 127) {
    return fail(ErrorCode::unavailable,
                "cannot vet: " + options.program.string() + " does not start");
  }
  if (ended == Ended::closed && WIFEXITED(status) && WEXITSTATUS(status) == kExitOtherBytes) {
    return fail(ErrorCode::corrupt,
                file.string() + " holds other bytes than its name says; no verdict");
  }
  Verdict verdict;
  verdict.sha256 = sha256;
  if (ended == Ended::timed_out) {
    verdict.reason =
        "the decoder was not through after " + std::to_string(options.timeout / kSecond) + " s";
    return verdict;
  }
  if (ended != Ended::closed || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    verdict.reason = ended == Ended::babbled ? "the decoder talks nonsense" : reason_of(status);
    return verdict;
  }
  auto found = parse_findings(text);
  if (!found) {
    verdict.reason = "the decoder talks nonsense";
    return verdict;
  }
  found->sha256 = sha256;
  return *found;
}

Result<bool> vet_next(const Clock& clock, const VetOptions& options, const StatePaths& paths,
                      Misnamed& misnamed, const StopSignal* stop) {
  for (const std::string& name : list_directory(paths.content())) {
    const auto hash = name.size() == 64 ? hash_from_hex(name) : std::nullopt;
    if (!hash || fs::exists(paths.verdicts() / name)) continue;
    const fs::path file = paths.content() / name;
    const auto stamp = stamp_of(file);
    if (!stamp) continue;  // gone meanwhile
    if (const auto known = misnamed.find(name); known != misnamed.end() && known->second == *stamp)
      continue;
    auto verdict = vet_file(clock, options, file, *hash, stop);
    if (!verdict && verdict.error().code == ErrorCode::corrupt) {
      log_warn("{}", verdict.error().message);
      misnamed[name] = *stamp;
      continue;
    }
    if (!verdict) return std::move(verdict).error();
    misnamed.erase(name);
    if (auto written = write_verdict(paths.verdicts(), *verdict); !written) {
      return std::move(written).error().context("cannot keep the verdict on " + name);
    }
    if (verdict->eligible) {
      log_info("{}: eligible, {} {}x{}, {} frames, {} permille of real time with {} thread(s)",
               name, verdict->codec, verdict->width, verdict->height, verdict->frames,
               verdict->speed_permille, verdict->threads);
    } else {
      log_warn("{}: not eligible: {}; it will not be shown", name, verdict->reason);
    }
    return true;
  }
  return false;
}

}  // namespace vitrine
