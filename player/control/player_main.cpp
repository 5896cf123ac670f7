#include "player/player_main.hpp"

#include <atomic>

#include "arguments.hpp"
#include "enrolment.hpp"
#include "platform/log.hpp"
#include "platform/time_zone.hpp"
#include "play_files.hpp"
#include "player/banner_output.hpp"
#include "player/command_watch.hpp"
#include "player/keeper.hpp"
#include "player/ladder_watch.hpp"
#include "player/leaves_after_item.hpp"
#include "player/play_store.hpp"
#include "player/probe_display.hpp"
#include "player/safe_loop.hpp"
#include "player/scene_maker.hpp"
#include "player/schedule_programme.hpp"
#include "player/screenshot.hpp"
#include "player/stage.hpp"
#include "player/status_drawer.hpp"
#include "player/status_gather.hpp"
#include "player/update_watch.hpp"
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

std::optional<Hash256> qr_key_of(const StatePaths& paths) {
  auto key = read_private_key(paths.qr_key());
  if (key) return key->seed();
  if (key.error().code != ErrorCode::not_found) log_error("{}; no QR codes", key.error().message);
  return std::nullopt;
}

// What an operator may ask of this screen.
std::map<CommandVerb, CommandWatch::Act> acts_of(const DeviceIdentity& identity,
                                                 LeavesAfterItem& leaving, PanelPlan& panel,
                                                 BannerOutput& banner) {
  using Outcome = CommandWatch::Outcome;
  return {{CommandVerb::restart,
           [&leaving] {
             leaving.ask();
             return Outcome{true, "it restarts after what is on the glass"};
           }},
          {CommandVerb::identify,
           [&, screen = identity.screen] {
             if (panel.is_dark()) return Outcome{false, "the panel is off; power-on comes first"};
             banner.raise(screen);
             return Outcome{true, "its name and code stand on the screen for " +
                                      std::to_string(kBannerTime / kSecond) + " s"};
           }},
          {CommandVerb::power_on,
           [&panel] {
             panel.order(true);
             return Outcome{true, "it is on until its display hours next end"};
           }},
          {CommandVerb::power_off, [&panel] {
             panel.order(false);
             return Outcome{true,
                            "it is off after what is on the glass, until its display hours next "
                            "begin; without display hours until power-on"};
           }}};
}

// What the signed schedule says. A screen that is not enrolled yet says so until it is.
Status play_schedule(const PlayerArguments& arguments, const RecorderWrap& wrap,
                     const StopSignal& signal) {
  const StatePaths& paths = arguments.paths;
  const SystemClock clock;
  const std::string board = board_id();
  // Before anything is counted: a display that is not there is neither a fall nor a trial that
  // failed. Kept over enrolment: nobody sees a dark screen in between.
  auto made = await_output(clock, arguments, signal);
  if (!made) return std::move(made).error();
  const std::unique_ptr<Output> output = std::move(*made);
  auto enrolled = read_enrolment(paths);
  if (!enrolled) {
    StatusDrawer status([&] { return gather_status(clock, paths, {}, board); }, output->width(),
                        output->height());
    PresenterOptions options;
    options.status = [&status] { return status.newest(); };
    auto found = await_enrolment(clock, paths, *output, options, signal);
    if (!found) return ok();
    enrolled = std::move(*found);
  }
  const DeviceIdentity& identity = enrolled->identity;
  make_own_directories(paths);

  Troubles troubles;
  LadderWatch ladder(clock, paths, troubles);
  ladder.begin();
  PlayStore store = open_play_store(paths, identity.screen, enrolled->proof_key);
  const SafeLoop safe_loop(store.before.plays);

  const ZoneTable zone = zone_of(identity);
  InputBoard inputs;
  Keeper keeper(
      {clock, paths, identity, enrolled->root_key, zone, inputs, [&](PlayInputs& offered) {
         if (ladder.safe()) safe_loop.keep_safe(offered);
       }});
  keeper.begin();

  const OpenPlays waiting(paths);
  Recorder::Options recording;
  const Micros begun_at = clock.boottime();
  std::atomic<std::uint64_t> shown_well = 0;  // plays of this process
  recording.lost = [&waiting](const PlayRow& row) { (void)waiting.forget(row); };
  recording.stored = [&, forget = recording.lost](const PlayRow& row) {
    forget(row);
    const bool of_this_process = row.boot == clock.boot_id() && row.first_flip_us >= begun_at;
    if (of_this_process && row.grade != Grade::scheduled && row.cut_cause == CutCause::none)
      ++shown_well;
  };
  recording.trouble = [&troubles](const std::string& why) {
    if (why.empty()) return troubles.over("disk");
    troubles.begin("disk", "rows of plays wait in memory: " + why);
  };
  Recorder recorder(std::move(store.rows), store.last_seq, recording);
  for (const LeftPlay& left : store.left) recorder.play(left.row, left.local_day);
  const std::unique_ptr<PlaySink> between = wrap ? wrap(recorder) : nullptr;
  PlaySink& sink = between ? *between : recorder;
  BannerOutput glass(clock, *output);
  const Stage stage({glass.width(), glass.height(), glass.vblank_period(), open_media_source});
  const SceneMaker scenes({identity.screen, qr_key_of(paths), ContentStore(paths.content()),
                           [&stage](const SceneWish& wish) { return stage.scene(wish); }});
  PanelPlan panel(zone);
  const auto figures = [&](PlayerLive& live) {
    live.rows_waiting = static_cast<std::int64_t>(recorder.waiting());
    live.rows_lost = static_cast<std::int64_t>(recorder.lost());
    live.troubles = troubles.list();
  };
  ShotBook shots;
  ScheduleProgramme programme(
      {clock, paths, inputs, sink, zone, store.next_decision_seq,
       [&recorder] { return recorder.rows(); }, &panel, &scenes, figures, &shots},
      std::move(store.before));
  StatusDrawer status([&] { return gather_status(clock, paths, zone, board); }, glass.width(),
                      glass.height());
  const Sound sound = start_sound(clock, arguments);
  PresenterOptions options;
  options.audio = sound.player.get();
  options.status = [&status] { return status.newest(); };
  if (const auto& documents = inputs.newest()->documents) {
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
  Presenter presenter(clock, glass, leaving, options);
  presenting = &presenter;
  auto acts = acts_of(identity, leaving, panel, glass);
  acts[CommandVerb::screenshot] = screenshot_act(clock, paths, snapshots, shots);
  CommandWatch commands({clock, paths, identity.screen, enrolled->root_key, std::move(acts)});
  UpdateWatch update({.clock = clock,
                      .paths = paths,
                      .screen = identity.screen,
                      .zone = zone,
                      .wanted = [&inputs]() -> std::optional<SoftwareOrder> {
                        const auto now = inputs.newest();
                        return now->documents ? now->documents->settings.software : std::nullopt;
                      },
                      .known_clock = [&inputs] { return inputs.newest()->clock; },
                      .plays = [&shown_well] { return shown_well.load(); },
                      .dark = [&panel] { return panel.is_dark(); }});
  keeper.start();
  show(presenter, signal, [&] {
    commands.tick();
    ladder.tick();
    update.tick();
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
