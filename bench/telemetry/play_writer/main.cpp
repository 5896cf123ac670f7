// Writes a play log by the code that the player writes it with, chained and signed by the screen's
// own proof key: first a backlog of ordinary plays, then one play every so often, whose sequence
// number and end (CLOCK_BOOTTIME, us) it prints. Ends at SIGTERM or after --live plays.
#include <cstdio>

#include "platform/clock.hpp"
#include "platform/command_line.hpp"
#include "platform/log.hpp"
#include "platform/service.hpp"
#include "sample_batches.hpp"
#include "state/paths.hpp"
#include "state/play_log.hpp"

namespace vitrine {
namespace {

struct Wanted {
  StatePaths paths;
  std::string screen;
  std::uint64_t backlog = 0;
  std::uint64_t live = 0;
  double every_s = 15;
};

Status write_backlog(PlayLog& log, std::uint64_t count) {
  std::int64_t day = 20'000;
  std::uint64_t written = 0;
  for (PlayRow& row : testing::ordinary_plays(count)) {
    if (++written % 5'760 == 0) ++day;  // a play every 15 s
    if (auto stored = log.append(std::move(row), day); !stored) return std::move(stored).error();
  }
  return ok();
}

Status write_live(PlayLog& log, const Wanted& wanted, const Clock& clock, const StopSignal& stop) {
  const auto every = static_cast<Micros>(wanted.every_s * static_cast<double>(kSecond));
  PlayRow like = testing::ordinary_plays(1).front();
  like.boot = clock.boot_id();
  Micros next = clock.boottime() + every;
  for (std::uint64_t n = 0; n < wanted.live && !stop.raised(); ++n, next += every) {
    while (!stop.raised() && clock.boottime() < next) {
      clock.sleep_until(std::min(next, clock.boottime() + 100 * kMillisecond));
    }
    PlayRow row = like;
    row.decision_seq = log.next_decision_seq();
    row.planned_length_us = every;
    row.last_flip_us = clock.boottime();
    row.first_flip_us = row.planned_start_us = row.last_flip_us - every;
    auto stored = log.append(row, 20'100);
    if (!stored) return std::move(stored).error();
    std::printf("%llu %lld\n", static_cast<unsigned long long>(stored->seq),
                static_cast<long long>(row.last_flip_us));
    std::fflush(stdout);
  }
  return ok();
}

Status run(const Wanted& wanted) {
  const StopSignal stop;
  const SystemClock clock;
  auto key = read_private_key(wanted.paths.proof_key());
  if (!key) return std::move(key).error();
  auto log = PlayLog::open(wanted.paths.plays_log(), wanted.screen, *key);
  if (!log) return std::move(log).error();
  if (auto written = write_backlog(*log, wanted.backlog); !written) return written;
  std::printf("ready %llu\n", static_cast<unsigned long long>(log->log_id()));
  std::fflush(stdout);
  return write_live(*log, wanted, clock, stop);
}

}  // namespace
}  // namespace vitrine

int main(int argc, char** argv) {
  vitrine::cli::App app("Writes plays.db");
  vitrine::Wanted wanted;
  std::string state, run;
  app.add_option("--state", state, "state directory")->required();
  app.add_option("--run", run, "volatile directory, where the player keeps the log's WAL map")
      ->required();
  app.add_option("--screen", wanted.screen, "name of the screen")->required();
  app.add_option("--backlog", wanted.backlog, "plays that wait already");
  app.add_option("--live", wanted.live, "plays to come");
  app.add_option("--every", wanted.every_s, "seconds between them")->capture_default_str();
  if (const auto code = app.parse(argc, argv)) return *code;
  wanted.paths.root = state;
  wanted.paths.run = run;
  vitrine::log_start("bench-play-writer");
  if (const auto done = vitrine::run(wanted); !done) {
    vitrine::log_error("{}", done.error().message);
    return 1;
  }
  return 0;
}
