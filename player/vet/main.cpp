// vitrine-vet: tries each creative before its flight.
#include <unistd.h>

#include "platform/command_line.hpp"
#include "platform/log.hpp"
#include "vet/examine.hpp"
#include "vet/sandbox.hpp"
#include "vet/vet.hpp"

using namespace vitrine;

namespace {

// The child: opens the file, gives everything else up, decodes, tells. With a hash it speaks of the
// bytes that have it and of no others: whoever can write to the file could have a verdict on one
// creative stand for another.
int examine_file(const fs::path& path, const std::optional<Hash256>& wanted,
                 const SandboxLimits& limits) {
  auto file = open_read(path);
  if (!file) {
    log_error("{}; no verdict", file.error().message);
    return 2;
  }
  std::shared_ptr<const FileBlocks> blocks;
  if (wanted) {
    // Of the file that is open, whatever the name means by now.
    auto hashed = hash_file("/proc/self/fd/" + std::to_string(file->get()), UINT64_MAX);
    if (!hashed || hashed->sha256 != *wanted) return kExitOtherBytes;
    blocks = std::make_shared<const FileBlocks>(std::move(hashed->blocks));
  }
  const SystemClock clock;
  if (auto entered = enter_sandbox(limits); !entered) {
    log_error("{}; no verdict", entered.error().message);
    return 2;
  }
  const auto verdict = examine(clock, std::move(*file), path.filename(), blocks);
  if (!verdict) return kExitOtherBytes;
  return write_all(STDOUT_FILENO, as_bytes(encode_findings(*verdict)), "stdout") ? 0 : 2;
}

int watch(const StatePaths& paths, const VetOptions& options) {
  const StopSignal stop;
  const SystemClock clock;
  notify_ready();
  log_info("watching {}", paths.content().string());
  Misnamed misnamed;
  while (!stop.raised()) {
    auto found = vet_next(clock, options, paths, misnamed, &stop);
    if (stop.raised()) break;
    notify_watchdog();
    if (!found) {
      log_error("{}; trying again in a second", found.error().message);
      clock.sleep_until(clock.boottime() + kSecond);
    } else if (!*found) {
      clock.sleep_until(clock.boottime() + 200 * kMillisecond);
    }
  }
  notify_stopping();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  log_start("vitrine-vet");
  cli::App app{"Decodes each creative once in a sandbox and writes a verdict", "vitrine-vet"};
  app.set_version_flag("--version", VITRINE_VERSION);
  StatePaths paths;
  std::string state = paths.root, run = paths.run, file, sha256;
  bool watching = false;
  std::int64_t timeout_s = VetOptions{}.timeout / kSecond;
  app.add_option("--state", state, "where the device keeps its state")->capture_default_str();
  app.add_option("--run", run, "where the daemons keep figures of the moment")
      ->capture_default_str();
  app.add_option("--timeout", timeout_s, "seconds of wall time a file")
      ->check(cli::range(1, 3600))
      ->capture_default_str();
  auto* watch_flag =
      app.add_flag("--watch", watching, "give every file of the content store a verdict");
  auto* file_option = app.add_option(
      "--file", file, "examine this file and print what was found, to a terminal or a pipe");
  app.add_option("--sha256", sha256, "of this file, which is examined only when it has it")
      ->needs(file_option);
  watch_flag->excludes(file_option);
  if (const auto code = app.parse(argc, argv)) return *code;
  const auto wanted = hash_from_hex(sha256);
  if (!sha256.empty() && !wanted) {
    log_error("--sha256 {}: not 64 hexadecimal digits", sha256);
    return 2;
  }
  if (!file.empty()) {
    // _exit: what a library registered to run at exit has no business after a hostile file.
    ::_exit(examine_file(file, wanted, {}));
  }
  if (!watching) {
    log_error("nothing to do: say --watch or --file");
    return 2;
  }
  paths.root = state;
  paths.run = run;
  return watch(paths, {.timeout = timeout_s * kSecond});
}
