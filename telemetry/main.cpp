#include "daemon.hpp"
#include "platform/command_line.hpp"
#include "platform/log.hpp"
#include "platform/service.hpp"

using namespace vitrine;

namespace {

// Short enough that a stop is noticed at once, long enough to sleep: at rest the turns are what
// telemetry costs. What comes over the network ends the wait.
constexpr Micros kTurn = 250 * kMillisecond;
constexpr Micros kFeedEvery = kSecond;
constexpr Micros kFarewell = 8 * kSecond;

}  // namespace

int main(int argc, char** argv) {
  std::string state = "/var/lib/vitrine", run = "/run/vitrine";
  double backoff_cap_s = 5;
  cli::App app("Brings signed documents down and rows up; see docs/architecture.md");
  app.add_option("--state", state, "state directory")->capture_default_str();
  app.add_option("--run", run, "run directory")->capture_default_str();
  app.add_option("--backoff-cap", backoff_cap_s,
                 "longest wait between two connection attempts, in seconds")
      ->check(cli::range_of_reals(0.1, 3600.0))
      ->capture_default_str();
  app.set_version_flag("--version", std::string(VITRINE_VERSION));
  if (const auto code = app.parse(argc, argv)) return *code;

  log_start("vitrine-telemetry");
  const StopSignal stop;
  const SystemClock clock;
  DaemonOptions options;
  options.paths = {state, run};
  options.backoff_cap = static_cast<Micros>(backoff_cap_s * static_cast<double>(kSecond));
  options.built_at_utc = Micros{VITRINE_BUILT_AT_S} * kSecond;
  options.software = VITRINE_VERSION;
  auto identity = read_device_identity(options.paths);
  if (!identity) {
    log_error("cannot start: {}", identity.error().message);
    return 1;
  }
  options.mqtt = mqtt_options(options.paths, *identity);
  auto daemon = Daemon::open(std::move(options), clock);
  if (!daemon) {
    log_error("cannot start: {}", daemon.error().message);
    return 1;
  }
  notify_ready();
  Micros fed_at = 0;
  while (!stop.raised()) {
    (*daemon)->turn(kTurn);
    // A turn got through files, outbox and link.
    if (const Micros now = clock.boottime(); now - fed_at >= kFeedEvery) {
      notify_watchdog();
      fed_at = now;
    }
  }
  notify_stopping();
  (*daemon)->close(kFarewell);
  return 0;
}
