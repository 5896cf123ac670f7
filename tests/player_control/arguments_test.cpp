#include "arguments.hpp"

#include <doctest/doctest.h>

#include <string>

#include "state/device_settings.hpp"
#include "temp_directory.hpp"

using namespace vitrine;

namespace {

struct Read {
  std::optional<PlayerArguments> arguments;
  int status = -1;
};
Read read(std::vector<std::string> words) {
  words.insert(words.begin(), "vitrine-player");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  Read made;
  made.arguments = read_player_arguments(static_cast<int>(argv.size()), argv.data(), made.status);
  return made;
}

}  // namespace

TEST_CASE("without arguments the schedule plays on a virtual display") {
  const auto made = read({});
  REQUIRE(made.arguments);
  CHECK(made.arguments->output == OutputKind::headless);
  CHECK(made.arguments->headless.width == 1280);
  CHECK(made.arguments->play.files.empty());
  CHECK(made.arguments->paths.root == "/var/lib/vitrine");
}

TEST_CASE("files, their order and how they are played are taken over") {
  const auto made = read({"--output", "kms", "--device", "/dev/dri/card1", "--run", "/tmp/run",
                          "--play", "b.mp4", "a.png", "--still-seconds", "4", "--once"});
  REQUIRE(made.arguments);
  CHECK(made.arguments->output == OutputKind::kms);
  CHECK(made.arguments->kms.device == "/dev/dri/card1");
  CHECK(made.arguments->paths.run == "/tmp/run");
  CHECK(made.arguments->play.files == std::vector<fs::path>{"b.mp4", "a.png"});
  CHECK(made.arguments->play.still_length == 4 * kSecond);
  CHECK(made.arguments->play.once);
}

TEST_CASE("files are played for ever, stills for ten seconds, on the first card unless told") {
  const auto made = read({"--output", "kms", "--play", "a.png"});
  REQUIRE(made.arguments);
  CHECK(made.arguments->kms.device.empty());
  CHECK(made.arguments->play.still_length == 10 * kSecond);
  CHECK_FALSE(made.arguments->play.once);
}

TEST_CASE("a display of this machine serves the schedule as well") {
  const auto made = read({"--output", "kms"});
  REQUIRE(made.arguments);
  CHECK(made.arguments->output == OutputKind::kms);
  CHECK(made.arguments->play.files.empty());
}

TEST_CASE("a window fills its display unless a size is given") {
  const auto whole = read({"--output", "x11", "--display", ":7"});
  REQUIRE(whole.arguments);
  CHECK(whole.arguments->output == OutputKind::x11);
  CHECK(whole.arguments->x11.display == ":7");
  CHECK(whole.arguments->x11.width == 0);
  const auto part = read({"--output", "x11", "--size", "640x360"});
  REQUIRE(part.arguments);
  CHECK(part.arguments->x11.display.empty());
  CHECK(part.arguments->x11.width == 640);
  CHECK(part.arguments->x11.height == 360);
}

TEST_CASE("arguments that go with another output, or with --play alone, are refused") {
  const std::vector<std::vector<std::string>> wrong = {
      {"--device", "/dev/dri/card0"},
      {"--output", "headless", "--device", "/dev/dri/card0", "--play", "a.mp4"},
      {"--output", "kms", "--size", "320x180"},
      {"--output", "kms", "--refresh-mhz", "50000"},
      {"--output", "kms", "--keep", "/tmp/keep"},
      {"--output", "wayland"},
      {"--output", "x11", "--refresh-mhz", "50000"},
      {"--output", "x11", "--device", "/dev/dri/card0"},
      {"--output", "kms", "--display", ":0"},
      {"--display", ":0"},
      {"--once"},
      {"--still-seconds", "4"},
      {"--play"},
      {"--play", "a.png", "--still-seconds", "0"},
      {"--size", "321x180"},
  };
  for (const auto& words : wrong) {
    CAPTURE(words.front());
    const auto made = read(words);
    CHECK_FALSE(made.arguments);
    CHECK(made.status == 2);
  }
}

TEST_CASE("a probe goes to standard output and shows its card for ten seconds, unless told") {
  const auto plain = read({"--probe-display"});
  REQUIRE(plain.arguments);
  CHECK(plain.arguments->probe.asked);
  CHECK(plain.arguments->probe.file.empty());
  CHECK(plain.arguments->probe.show == 10 * kSecond);
  const auto told = read({"--probe-display", "board.json", "--probe-seconds", "0", "--output",
                          "kms", "--device", "/dev/dri/card1"});
  REQUIRE(told.arguments);
  CHECK(told.arguments->probe.file == "board.json");
  CHECK(told.arguments->probe.show == 0);
  CHECK(told.arguments->kms.device == "/dev/dri/card1");
  CHECK_FALSE(read({}).arguments->probe.asked);
  for (const std::vector<std::string>& words : {std::vector<std::string>{"board.json"},
                                                {"--probe-seconds", "3"},
                                                {"--probe-display", "--output", "x11"},
                                                {"--probe-display", "--play", "a.png"}}) {
    CHECK(read(words).status == 2);
  }
}

TEST_CASE("asking for help is no error") {
  const auto made = read({"--help"});
  CHECK_FALSE(made.arguments);
  CHECK(made.status == 0);
}

TEST_CASE("sound goes to the machine's device, to a named one, or nowhere") {
  CHECK_FALSE(read({}).arguments->alsa);  // a virtual display has no loudspeaker
  CHECK(read({"--output", "x11"}).arguments->alsa == "default");
  CHECK(read({"--output", "kms", "--play", "a.mp4"}).arguments->alsa == "default");
  CHECK(read({"--audio", "alsa"}).arguments->alsa == "default");
  CHECK(read({"--audio", "alsa:plughw:CARD=vc4hdmi0,DEV=0"}).arguments->alsa ==
        "plughw:CARD=vc4hdmi0,DEV=0");
  CHECK_FALSE(read({"--output", "kms", "--audio", "null"}).arguments->alsa);
  for (const char* wrong : {"alsa:", "pulse", "", "nullx"}) {
    const auto made = read({"--audio", wrong});
    CHECK_FALSE(made.arguments);
    CHECK(made.status == 2);
  }
}

TEST_CASE("a display may hang turned by quarter turns alone") {
  CHECK(read({}).arguments->rotate == 0);
  CHECK(read({"--rotate", "270", "--output", "x11"}).arguments->rotate == 270);
  const auto slanted = read({"--rotate", "45"});
  CHECK_FALSE(slanted.arguments);
  CHECK(slanted.status == 2);
}

TEST_CASE("how the display hangs is the device's setting, unless an option says otherwise") {
  testing::TempDirectory dir;
  const StatePaths paths{dir / "state", dir / "run"};
  REQUIRE(make_state_directories(paths).ok());
  const auto rotation = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"--state", paths.root.string()});
    return read(more).arguments->rotate;
  };
  CHECK(rotation({}) == 0);
  REQUIRE(write_device_settings(paths, {90, "office"}).ok());
  CHECK(rotation({}) == 90);
  CHECK(rotation({"--rotate", "0"}) == 0);
  REQUIRE(write_atomic(paths.device_settings(), "rotate = 91\n").ok());
  CHECK(rotation({}) == 0);  // better on its side than dark
}
