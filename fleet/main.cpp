// vitrine-fleet: sizes a backend. Many screens' own telemetry code against a real broker and
// ingest.
#include <cstdio>

#include "check.hpp"
#include "fleet.hpp"
#include "platform/command_line.hpp"
#include "platform/log.hpp"
#include "report.hpp"

namespace vitrine::fleet {
namespace {

struct Arguments {
  std::string directory;
  std::size_t prepare_screens = 20;
  FleetOptions fleet;
  std::vector<std::string> watch;  // NAME=PID or NAME=PID/THREAD
  std::string outboxes, json, spool;
  double connect_limit_s = 300, drain_limit_s = 60;
};

Status run(Arguments& arguments) {
  const StopSignal stop;
  const SystemClock clock;
  FleetOptions& options = arguments.fleet;
  std::vector<std::string> names;
  for (const std::string& word : arguments.watch) {
    const auto equals = std::min(word.find('='), word.size());
    const auto slash = std::min(word.find('/', equals), word.size());
    const auto pid = equals < word.size() ? std::atoi(word.c_str() + equals + 1) : 0;
    if (pid <= 0) return fail(ErrorCode::invalid, "--watch " + word + " is not NAME=PID[/THREAD]");
    names.push_back(word.substr(0, equals));
    options.watched.push_back(
        {names.back(), pid, slash < word.size() ? word.substr(slash + 1) : std::string()});
  }
  options.outboxes = arguments.outboxes;
  options.connect_limit = static_cast<Micros>(arguments.connect_limit_s * kSecond);
  options.drain_limit = static_cast<Micros>(arguments.drain_limit_s * kSecond);
  auto installation = Installation::open(arguments.directory);
  if (!installation) return std::move(installation).error();
  auto fleet = Fleet::open(*installation, options, clock, stop);
  if (!fleet) return std::move(fleet).error();
  Report report(names);
  std::printf("%s\n", report.head().c_str());
  (*fleet)->on_moment([&](const Moment& moment) {
    std::printf("%s\n", report.line(moment).c_str());
    std::fflush(stdout);
  });
  auto summary = (*fleet)->run();
  if (!summary) return std::move(summary).error();
  std::printf("%s", report.table(*summary).c_str());
  if (!arguments.json.empty()) {
    if (auto put = write_atomic(arguments.json, report.json(*summary) + "\n"); !put) return put;
  }
  if (summary->acked_plays < summary->plays) {
    return fail(ErrorCode::unavailable, fmt::format("{} plays were not acknowledged in time",
                                                    summary->plays - summary->acked_plays));
  }
  return ok();
}

Status check(const Arguments& arguments) {
  auto found = check_spool(arguments.spool);
  if (!found) return std::move(found).error();
  std::printf("%zu logs, %llu plays, %llu twice, %llu missing, %llu batches in quarantine\n",
              found->logs, static_cast<unsigned long long>(found->plays),
              static_cast<unsigned long long>(found->twice),
              static_cast<unsigned long long>(found->missing),
              static_cast<unsigned long long>(found->quarantined));
  if (found->twice + found->missing + found->quarantined > 0)
    return fail(ErrorCode::corrupt, "the spool does not hold every play exactly once");
  return ok();
}

}  // namespace
}  // namespace vitrine::fleet

int main(int argc, char** argv) {
  using namespace vitrine;
  using namespace vitrine::fleet;
  Arguments arguments;
  cli::App app("Sizes a backend with the telemetry of many screens; see docs/fleet.md");
  app.set_version_flag("--version", std::string(VITRINE_VERSION));
  app.require_subcommand(1);

  auto* prepare = app.add_subcommand("prepare", "certificates, keys and the registry");
  prepare->add_option("--out", arguments.directory, "directory to make")->required();
  prepare->add_option("--screens", arguments.prepare_screens, "how many")->capture_default_str();

  auto* play = app.add_subcommand("run", "connects the screens and plays");
  FleetOptions& fleet = arguments.fleet;
  play->add_option("--in", arguments.directory, "what prepare made")->required();
  play->add_option("--host", fleet.host, "of the broker")->capture_default_str();
  play->add_option("--port", fleet.port, "of the broker")->capture_default_str();
  play->add_option("--screens", fleet.screens, "how many, a connection each")
      ->capture_default_str();
  play->add_option("--seconds", fleet.seconds, "of play")->capture_default_str();
  play->add_option("--speedup", fleet.speedup,
                   "plays come this many times faster than one in 15 s; 0: as fast as acks allow")
      ->check(cli::range_of_reals(0, 1e9))
      ->capture_default_str();
  play->add_option("--in-flight", fleet.in_flight, "batches on their way when --speedup is 0")
      ->capture_default_str();
  play->add_option("--burst", fleet.burst, "batches a screen closes at a time, as after an outage")
      ->capture_default_str();
  play->add_option("--batches", fleet.batches, "prepared a screen; 0: what --seconds needs")
      ->capture_default_str();
  play->add_option("--handshakes", fleet.handshakes, "connections begun at the same time")
      ->capture_default_str();
  play->add_option("--connect-limit", arguments.connect_limit_s, "seconds")->capture_default_str();
  play->add_option("--drain-limit", arguments.drain_limit_s, "seconds to wait for the last acks")
      ->capture_default_str();
  play->add_option("--outboxes", arguments.outboxes,
                   "directory of the screens' outboxes, best on tmpfs; without it in memory");
  play->add_option(
      "--watch", arguments.watch,
      "NAME=PID of a process whose cost is told, or NAME=PID/THREAD of a thread of it");
  play->add_option("--json", arguments.json, "file for the summary");

  auto* audit = app.add_subcommand("check", "whether a spool holds every play exactly once");
  audit->add_option("--spool", arguments.spool, "the ingest's spool")->required();
  if (const auto code = app.parse(argc, argv)) return *code;

  log_start("vitrine-fleet");
  log_least(LogLevel::warn);  // thousands of links say that they are connected
  Status done = prepare->parsed()
                    ? Installation::prepare(arguments.directory, arguments.prepare_screens)
                : play->parsed() ? run(arguments)
                                 : check(arguments);
  if (done) return 0;
  log_error("{}", done.error().message);
  return 1;
}
