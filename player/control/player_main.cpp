#include "player/player_main.hpp"

#include "arguments.hpp"
#include "platform/log.hpp"
#include "platform/time_zone.hpp"
#include "play_files.hpp"
#include "player/command_watch.hpp"
#include "player/keeper.hpp"
#include "player/leaves_after_item.hpp"
#include "player/probe_display.hpp"
#include "player/schedule_programme.hpp"
#include "show.hpp"

namespace vitrine {
namespace {

ZoneTable zone_of(const DeviceIdentity& identity) {
  auto zone = load_zone(identity.zone);
  if (zone) return std::move(*zone);
  log_error("cannot load the time zone: {}; going on with UTC", zone.error().message);
  return {};
}

Status make_own_directories(const StatePaths& paths) {
  for (const fs::path& directory : {paths.floors(), paths.quarantine(), paths.plays().parent_path(),
                                    paths.player_live().parent_path(), paths.replies()}) {
    if (auto made = make_directories(directory); !made) return made;
  }
  return ok();
}

// What the signed schedule says.
Status play_schedule(const PlayerArguments& arguments, const RecorderWrap& wrap,
                     const StopSignal& signal) {
  const StatePaths& paths = arguments.paths;
  const SystemClock clock;
  auto identity = read_device_identity(paths);
  if (!identity) return std::move(identity).error();
  auto root_key = read_public_key(paths.root_key());
  if (!root_key) return std::move(root_key).error();
  auto proof_key = read_private_key(paths.proof_key());
  if (!proof_key) return std::move(proof_key).error();
  if (auto made = make_own_directories(paths); !made) return made;

  auto log = PlayLog::open(paths.plays_log(), identity->screen, *proof_key);
  if (!log) return std::move(log).error();
  if (auto recovered = recover_open_plays(paths, *log); !recovered) {
    log_error("{}; going on", recovered.error().message);
  }
  auto before = read_screen_log(*log);
  if (!before) return std::move(before).error();

  const ZoneTable zone = zone_of(*identity);
  InputBoard board;
  Keeper keeper({clock, paths, *identity, *root_key, zone, board});
  if (auto begun = keeper.begin(); !begun) return begun;

  const std::uint64_t next_decision = log->next_decision_seq();
  const std::uint64_t last_seq = log->last_seq();
  const OpenPlays waiting(paths);
  Recorder::Options recording;
  recording.stored = [&waiting](const PlayRow& row) { (void)waiting.forget(row); };
  Recorder recorder(store_in(std::move(*log)), last_seq, recording);
  const std::unique_ptr<PlaySink> between = wrap ? wrap(recorder) : nullptr;
  PlaySink& sink = between ? *between : recorder;
  ScheduleProgramme programme(
      {clock, paths, board, sink, zone, next_decision, [&recorder] { return recorder.rows(); }},
      std::move(*before));
  auto output = make_output(clock, arguments);
  if (!output) return std::move(output).error();
  const Sound sound = start_sound(clock, arguments);
  PresenterOptions options;
  options.audio = sound.player.get();
  if (const auto& documents = board.newest()->documents) {
    options.late_limit = Micros{documents->settings.late_limit_ms} * kMillisecond;
  }
  Presenter* presenting = nullptr;
  LeavesAfterItem leaving(programme, [&presenting] { presenting->request_stop(); });
  Presenter presenter(clock, **output, leaving, options);
  presenting = &presenter;
  CommandWatch commands(
      {clock,
       paths,
       identity->screen,
       *root_key,
       {{CommandVerb::restart, [&leaving] {
           leaving.ask();
           return CommandWatch::Outcome{true, "it restarts after what is on the glass"};
         }}}});
  keeper.start();
  show(presenter, signal, [&commands] { commands.tick(); });
  keeper.stop();
  recorder.stop();
  if (recorder.lost() > 0) log_error("{} rows were lost since start", recorder.lost());
  return ok();
}

}  // namespace

int player_main(int argc, char** argv, const RecorderWrap& wrap) {
  const StopSignal signal;
  log_start("vitrine-player");
  int status = 0;
  const auto arguments = read_player_arguments(argc, argv, status);
  if (!arguments) return status;
  if (arguments->probe.asked) {
    const SystemClock clock;
    const auto probed = probe_display(
        clock, {arguments->kms, arguments->probe.file, arguments->probe.show}, signal);
    if (!probed) log_error("cannot probe: {}", probed.error().message);
    return probed ? 0 : 1;
  }
  const bool of_files = !arguments->play.files.empty();
  const Status ran =
      of_files ? play_files(*arguments, signal) : play_schedule(*arguments, wrap, signal);
  if (!ran) {
    log_error("cannot {}: {}", of_files ? "play" : "start", ran.error().message);
    return 1;
  }
  return 0;
}

}  // namespace vitrine
