#include "arguments.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "platform/command_line.hpp"
#include "platform/log.hpp"
#include "state/device_settings.hpp"

namespace vitrine {
namespace {

bool parse_size(const std::string& text, int& width, int& height) {
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, width);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != 'x') return false;
  const auto second = std::from_chars(first.ptr + 1, end, height);
  return second.ec == std::errc() && second.ptr == end && width >= 16 && height >= 16 &&
         width <= 7'680 && height <= 7'680 && width % 2 == 0 && height % 2 == 0;
}

// "null", "alsa" or "alsa:DEVICE".
bool parse_audio(const std::string& text, std::optional<std::string>& alsa) {
  const std::string named = "alsa:";
  if (text == "alsa") {
    alsa = "default";
  } else if (text.starts_with(named) && text.size() > named.size()) {
    alsa = text.substr(named.size());
  } else {
    alsa.reset();
    return text == "null";
  }
  return true;
}

// A picture that lies on its side is better than none.
int rotation_of(const StatePaths& paths) {
  const auto settings = read_device_settings(paths);
  if (settings) return settings->rotate;
  log_error("{}; the picture is not turned", settings.error().message);
  return 0;
}

}  // namespace

std::optional<PlayerArguments> read_player_arguments(int argc, char** argv, int& status) {
  PlayerArguments arguments;
  std::string state = arguments.paths.root.string();
  std::string run = arguments.paths.run.string();
  std::string output = "headless";
  std::string size = "1280x720";
  std::string keep;
  std::string device;
  std::string display;
  std::string audio;
  std::vector<std::string> files;
  std::int64_t still_s = arguments.play.still_length / kSecond;
  cli::App app("Plays what the signed schedule says and logs every play.", "vitrine-player");
  app.set_version_flag("--version", VITRINE_VERSION);
  app.add_option("--state", state, "lasting files")->capture_default_str();
  app.add_option("--run", run, "files of this boot")->capture_default_str();
  const auto* of_output =
      app.add_option(
             "--output", output,
             "where to show: kms is a display of this machine, x11 a window over all others")
          ->check(cli::one_of({"kms", "x11", "headless"}))
          ->capture_default_str();
  const auto* of_kms =
      app.add_option("--device", device, "of kms, such as /dev/dri/card0; else the first in use");
  const auto* of_display =
      app.add_option("--display", display, "of x11, such as :0; else what $DISPLAY names");
  const auto* of_size = app.add_option("--size", size,
                                       "of the headless picture, or of an x11 window that is not "
                                       "to fill its display; even numbers")
                            ->check([&](const std::string& text) {
                              int width = 0;
                              int height = 0;
                              return parse_size(text, width, height)
                                         ? ""
                                         : "'" + text + "' is no size such as 1280x720";
                            })
                            ->capture_default_str();
  const auto* of_refresh = app.add_option("--refresh-mhz", arguments.headless.refresh_mhz,
                                          "headless vblanks in 1000 seconds")
                               ->check(cli::range(1'000, 1'000'000))
                               ->capture_default_str();
  const auto* of_keep =
      app.add_option("--keep", keep, "directory for a record of what was on the headless glass");
  const auto* of_audio =
      app.add_option("--audio", audio,
                     "where sound goes: alsa is the default device of this machine, alsa:DEVICE "
                     "another one, null nowhere; else alsa, and null with --output headless")
          ->check([](const std::string& text) {
            std::optional<std::string> alsa;
            return parse_audio(text, alsa) ? "" : "'" + text + "' is not null, alsa or alsa:DEVICE";
          });
  const auto* of_rotate = app.add_option("--rotate", arguments.rotate,
                                         "degrees clockwise by which the display hangs turned; "
                                         "else what `vitrine setup` recorded, else 0")
                              ->check(cli::one_of({"0", "90", "180", "270"}));
  auto* play = app.add_option("--play", files, "show these files instead of the schedule");
  app.add_option("--still-seconds", still_s, "how long --play shows a picture")
      ->check(cli::range(1, 86'400))
      ->needs(play)
      ->capture_default_str();
  app.add_flag("--once", arguments.play.once, "end when each file of --play had its turn")
      ->needs(play);
  auto* probe = app.add_flag("--probe-display", arguments.probe.asked,
                             "write what the display hardware says of itself to FILE or standard "
                             "output, and show a test card");
  std::string probe_file;
  app.add_option("FILE", probe_file, "of --probe-display")->needs(probe);
  std::int64_t probe_s = arguments.probe.show / kSecond;
  app.add_option("--probe-seconds", probe_s, "how long the test card is up; 0: not at all")
      ->check(cli::range(0, 86'400))
      ->needs(probe)
      ->capture_default_str();
  probe->excludes(play);
  if (const auto code = app.parse(argc, argv)) {
    status = *code == 0 ? 0 : 2;
    return std::nullopt;
  }
  const auto refuse = [&](const std::string& option, const std::string& why) {
    (void)app.refuse(option, why);
    status = 2;
    return std::nullopt;
  };
  const std::pair<const cli::Option*, std::vector<std::string>> owners[] = {
      {of_kms, {"kms"}},
      {of_display, {"x11"}},
      {of_size, {"headless", "x11"}},
      {of_refresh, {"headless"}},
      {of_keep, {"headless"}}};
  if (arguments.probe.asked && of_output->count() == 0) output = "kms";
  if (arguments.probe.asked && output != "kms") {
    return refuse("--probe-display", "needs --output kms");
  }
  for (const auto& [option, outputs] : owners) {
    if (option->count() > 0 && std::ranges::find(outputs, output) == outputs.end()) {
      return refuse(option->get_name(), "is nothing that --output " + output +
                                            " has; it needs --output " + outputs.front());
    }
  }
  arguments.paths = {state, run};
  if (of_rotate->count() == 0) arguments.rotate = rotation_of(arguments.paths);
  if (output == "kms") arguments.output = OutputKind::kms;
  if (output == "x11") arguments.output = OutputKind::x11;
  parse_size(size, arguments.headless.width, arguments.headless.height);
  if (of_audio->count() == 0) audio = output == "headless" ? "null" : "alsa";
  parse_audio(audio, arguments.alsa);
  arguments.x11.display = display;
  if (of_size->count() > 0) parse_size(size, arguments.x11.width, arguments.x11.height);
  arguments.headless.keep = keep;
  arguments.kms.device = device;
  arguments.play.files.assign(files.begin(), files.end());
  arguments.probe.file = probe_file;
  arguments.probe.show = probe_s * kSecond;
  arguments.play.still_length = still_s * kSecond;
  return arguments;
}

}  // namespace vitrine
