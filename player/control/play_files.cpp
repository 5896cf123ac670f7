#include "play_files.hpp"

#include "platform/log.hpp"
#include "player/playlist_programme.hpp"
#include "show.hpp"

namespace vitrine {

Status play_files(const PlayerArguments& arguments, const StopSignal& signal) {
  const StatePaths& paths = arguments.paths;
  if (auto made = make_directories(paths.player_live().parent_path()); !made) {
    log_warn("{}; going on without {}", made.error().message, paths.player_live().string());
  }
  const SystemClock clock;
  auto output = make_output(clock, arguments);
  if (!output) return std::move(output).error();
  Presenter* presenting = nullptr;
  PlaylistProgramme programme({clock, paths, arguments.play.files, arguments.play.still_length,
                               arguments.play.once, [&presenting] { presenting->request_stop(); }});
  const Sound sound = start_sound(clock, arguments);
  PresenterOptions options;
  options.audio = sound.player.get();
  Presenter presenter(clock, **output, programme, options);
  presenting = &presenter;
  show(presenter, signal);
  if (arguments.play.once && !signal.raised() && programme.plays() == 0) {
    return fail(ErrorCode::invalid, "none of the files could be shown");
  }
  return ok();
}

}  // namespace vitrine
