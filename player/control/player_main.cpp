#include "player/player_main.hpp"

#include "arguments.hpp"
#include "platform/log.hpp"
#include "platform/time_zone.hpp"
#include "play_files.hpp"
#include "player/command_watch.hpp"
#include "player/keeper.hpp"
#include "player/ladder_watch.hpp"
#include "player/leaves_after_item.hpp"
#include "player/play_store.hpp"
#include "player/safe_loop.hpp"
#include "player/schedule_programme.hpp"
#include "player/screenshot.hpp"
#include "show.hpp"

namespace vitrine {
namespace {

ZoneTable zone_of(const DeviceIdentity& identity) {
  auto zone = load_zone(identity.zone);
  if (zone) return std::move(*zone);
  log_error("cannot load the time zone: {}; going on with UTC", zone.error().message);
  return {};
}

// A disk that takes none of them keeps no screen dark.
void make_own_directories(const StatePaths& paths) {
  for (const fs::path& directory : {paths.floors(), paths.quarantine(), paths.plays().parent_path(),
                                    paths.player_live().parent_path(), paths.replies()}) {
    if (auto made = make_directories(directory); !made)
      log_error("{}; going on without", made.error().message);
  }
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
  make_own_directories(paths);

  Troubles troubles;
  LadderWatch ladder(clock, paths, troubles);
  ladder.begin();
  PlayStore store = open_play_store(paths, identity->screen, *proof_key);
  const SafeLoop safe_loop(store.before.plays);

  const ZoneTable zone = zone_of(*identity);
  InputBoard board;
  Keeper keeper({clock, paths, *identity, *root_key, zone, board, [&](PlayInputs& inputs) {
                   if (ladder.safe()) safe_loop.keep_safe(inputs);
                 }});
  keeper.begin();

  const OpenPlays waiting(paths);
  Recorder::Options recording;
  recording.stored = recording.lost = [&waiting](const PlayRow& row) { (void)waiting.forget(row); };
  recording.trouble = [&troubles](const std::string& why) {
    if (why.empty()) return troubles.over("disk");
    troubles.begin("disk", "rows of plays wait in memory: " + why);
  };
  Recorder recorder(std::move(store.rows), store.last_seq, recording);
  for (const LeftPlay& left : store.left) recorder.play(left.row, left.local_day);
  const std::unique_ptr<PlaySink> between = wrap ? wrap(recorder) : nullptr;
  PlaySink& sink = between ? *between : recorder;
  const auto figures = [&](PlayerLive& live) {
    live.rows_waiting = static_cast<std::int64_t>(recorder.waiting());
    live.rows_lost = static_cast<std::int64_t>(recorder.lost());
    live.troubles = troubles.list();
  };
  ScheduleProgramme programme({clock, paths, board, sink, zone, store.next_decision_seq,
                               [&recorder] { return recorder.rows(); }, figures},
                              std::move(store.before));
  auto output = make_output(clock, arguments);
  if (!output) {
    ladder.end();  // a display that is not there is no fall
    return std::move(output).error();
  }
  PresenterOptions options;
  if (const auto& documents = board.newest()->documents) {
    options.late_limit = Micros{documents->settings.late_limit_ms} * kMillisecond;
  }
  SnapshotDesk snapshots;
  options.snapshots = &snapshots;
  options.glass_trouble = [&troubles](const std::string& text) {
    if (text.empty()) return troubles.over("picture");
    troubles.begin("picture", text);
  };
  Presenter* presenting = nullptr;
  LeavesAfterItem leaving(programme, [&presenting] { presenting->request_stop(); });
  Presenter presenter(clock, **output, leaving, options);
  presenting = &presenter;
  CommandWatch commands(
      {clock,
       paths,
       identity->screen,
       *root_key,
       {{CommandVerb::restart,
         [&leaving] {
           leaving.ask();
           return CommandWatch::Outcome{true, "it restarts after what is on the glass"};
         }},
        {CommandVerb::screenshot, screenshot_act(clock, paths, snapshots)}}});
  keeper.start();
  show(presenter, signal, [&] {
    commands.tick();
    ladder.tick();
  });
  keeper.stop();
  recorder.stop();
  ladder.end();
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
