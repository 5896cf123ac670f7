// vitrine-vet: tries each creative before its flight.
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "platform/log.hpp"
#include "vet/examine.hpp"
#include "vet/sandbox.hpp"
#include "vet/vet.hpp"

using namespace vitrine;

namespace {

// The child: opens the file, gives everything else up, decodes, tells.
int examine_file(const fs::path& path, const SandboxLimits& limits) {
  auto file = open_read(path);
  if (!file) {
    log_error("{}; no verdict", file.error().message);
    return 2;
  }
  const SystemClock clock;
  if (auto entered = enter_sandbox(limits); !entered) {
    log_error("{}; no verdict", entered.error().message);
    return 2;
  }
  const std::string findings = encode_findings(examine(clock, std::move(*file), path.filename()));
  return write_all(STDOUT_FILENO, as_bytes(findings), "stdout") ? 0 : 2;
}

int watch(const StatePaths& paths, const VetOptions& options) {
  const StopSignal stop;
  const SystemClock clock;
  notify_ready();
  log_info("watching {}", paths.content().string());
  while (!stop.raised()) {
    auto found = vet_next(clock, options, paths, &stop);
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
  CLI::App app{"Decodes each creative once in a sandbox and writes a verdict", "vitrine-vet"};
  app.set_version_flag("--version", VITRINE_VERSION);
  StatePaths paths;
  std::string state = paths.root, run = paths.run, file;
  bool watching = false;
  std::int64_t timeout_s = VetOptions{}.timeout / kSecond;
  app.add_option("--state", state, "where the device keeps its state")->capture_default_str();
  app.add_option("--run", run, "where the daemons keep figures of the moment")
      ->capture_default_str();
  app.add_option("--timeout", timeout_s, "seconds of wall time a file")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  auto* watch_flag =
      app.add_flag("--watch", watching, "give every file of the content store a verdict");
  auto* file_option = app.add_option(
      "--file", file, "examine this file and print what was found, to a terminal or a pipe");
  watch_flag->excludes(file_option);
  CLI11_PARSE(app, argc, argv);
  if (!file.empty()) {
    // _exit: what a library registered to run at exit has no business after a hostile file.
    ::_exit(examine_file(file, {}));
  }
  if (!watching) {
    log_error("nothing to do: say --watch or --file");
    return 2;
  }
  paths.root = state;
  paths.run = run;
  return watch(paths, {.timeout = timeout_s * kSecond});
}
