// The player itself on a screen that is not enrolled yet.
#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>

#include "overlay.hpp"
#include "platform/crypto.hpp"
#include "player/status_gather.hpp"
#include "process.hpp"
#include "status_picture.hpp"
#include "temp_directory.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

constexpr int kWide = 640, kHigh = 360;

struct BareScreen {
  TempDirectory directory;
  StatePaths paths{directory / "state", directory / "run"};
  fs::path glass = directory / "glass";

  Process start() {
    return Process({VITRINE_PLAYER, "--state", paths.root.string(), "--run", paths.run.string(),
                    "--output", "headless", "--size", "640x360", "--keep", glass.string()},
                   directory / "log");
  }
  bool logged(const std::string& words) const {
    const auto text = read_text(directory / "log");
    return text && text->find(words) != std::string::npos;
  }
  void enrol() const {
    REQUIRE(make_state_directories(paths).ok());
    REQUIRE(write_private_key(paths.proof_key(), PrivateKey::generate()).ok());
    REQUIRE(write_public_key(paths.root_key(), PrivateKey::generate().public_key()).ok());
    DeviceIdentity identity;
    identity.screen = "lobby-1";
    identity.mqtt_host = "broker";
    REQUIRE(write_atomic(paths.device_config(), write_device_identity(identity)).ok());
  }
  // The newest picture is the status picture of these facts.
  bool shows(const StatusFacts& facts) const {
    const TextPainter text;
    PictureBuffer picture(kWide, kHigh);
    paint(draw_status_picture(status_sheet(facts), kWide, kHigh, text), picture.planes());
    const auto shown = read_file(glass / "latest.nv12");
    if (!shown || shown->size() < std::size_t{kWide} * kHigh) return false;
    const Picture wanted = picture.view();
    for (int y = 0; y < kHigh; ++y) {
      const std::uint8_t* row = wanted.y + static_cast<std::ptrdiff_t>(wanted.y_stride) * y;
      if (!std::equal(row, row + kWide, shown->data() + std::ptrdiff_t{kWide} * y)) return false;
    }
    return true;
  }
  StatusFacts facts() const { return gather_status(SystemClock(), paths, {}, board_id()); }
};

}  // namespace

TEST_CASE("a screen that is not enrolled says what to do, and plays by itself once it is") {
  BareScreen screen;
  Process player = screen.start();
  const StatusFacts nobody = screen.facts();
  CHECK(status_sheet(nobody).headline == "Not enrolled");
  CHECK(until([&] { return screen.shows(nobody) || !player.running(); }));
  REQUIRE(player.running());
  screen.enrol();
  CHECK(until([&] { return screen.logged("this screen is enrolled as lobby-1"); }));
  CHECK(until([&] { return fs::exists(screen.paths.player_live()); }));
  CHECK(fs::exists(screen.paths.plays()));
  player.signal(SIGTERM);
  CHECK(player.wait() == 0);
  // The glass was never let go in between.
  CHECK(std::count_if(fs::directory_iterator(screen.glass), fs::directory_iterator(),
                      [](const auto& file) { return file.path().extension() == ".rec"; }) == 1);
}

TEST_CASE("an identity that cannot be read is shown, and a stop ends the waiting") {
  BareScreen screen;
  REQUIRE(make_state_directories(screen.paths).ok());
  REQUIRE(write_atomic(screen.paths.device_config(), "screen = 'Not A Name'\n").ok());
  Process player = screen.start();
  const StatusFacts broken = screen.facts();
  CHECK(status_sheet(broken).headline == "Identity cannot be read");
  CHECK(until([&] { return screen.shows(broken) || !player.running(); }));
  CHECK(screen.logged("is no valid name"));
  player.signal(SIGTERM);
  CHECK(player.wait() == 0);
  CHECK_FALSE(fs::exists(screen.paths.plays()));
}
