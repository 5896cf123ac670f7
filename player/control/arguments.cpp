#include "arguments.hpp"

#include <CLI/CLI.hpp>
#include <charconv>

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

}  // namespace

std::optional<PlayerArguments> read_player_arguments(int argc, char** argv, int& status) {
  PlayerArguments arguments;
  std::string state = arguments.paths.root.string();
  std::string run = arguments.paths.run.string();
  std::string output = "headless";
  std::string size = "1280x720";
  std::string keep;
  CLI::App app("Plays what the signed schedule says and logs every play.", "vitrine-player");
  app.set_version_flag("--version", VITRINE_VERSION);
  app.add_option("--state", state, "lasting files")->capture_default_str();
  app.add_option("--run", run, "files of this boot")->capture_default_str();
  app.add_option("--output", output, "where to show")
      ->check(CLI::IsMember({"headless"}))
      ->capture_default_str();
  app.add_option("--size", size, "of the picture, even numbers")
      ->check([&](const std::string& text) {
        int width = 0;
        int height = 0;
        return parse_size(text, width, height) ? "" : "'" + text + "' is no size such as 1280x720";
      })
      ->capture_default_str();
  app.add_option("--refresh-mhz", arguments.headless.refresh_mhz, "vblanks in 1000 seconds")
      ->check(CLI::Range(1'000, 1'000'000))
      ->capture_default_str();
  app.add_option("--keep", keep, "directory for a record of what was on the glass");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    status = app.exit(error) == 0 ? 0 : 2;
    return std::nullopt;
  }
  arguments.paths = {state, run};
  parse_size(size, arguments.headless.width, arguments.headless.height);
  arguments.headless.keep = keep;
  return arguments;
}

}  // namespace vitrine
