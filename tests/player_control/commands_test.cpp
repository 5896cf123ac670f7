// What an operator may ask of a screen, done by the player itself.
#include "state/commands.hpp"

#include <doctest/doctest.h>

#include <csignal>

#include "process.hpp"
#include "screen.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

// An enrolled screen with nothing to play, and an operator whose commands it obeys.
struct OperatedScreen : Screen {
  SystemClock system;
  fs::path glass = directory / "glass";

  OperatedScreen() {
    put_trust({key("boss-1", person, "operator", {DocumentKind::command})});
    REQUIRE(write_private_key(paths.proof_key(), PrivateKey::generate()).ok());
    REQUIRE(write_public_key(paths.root_key(), root.public_key()).ok());
    identity.mqtt_host = "broker";
    REQUIRE(write_atomic(paths.device_config(), write_device_identity(identity)).ok());
  }
  Process start() {
    return Process({VITRINE_PLAYER, "--state", paths.root.string(), "--run", paths.run.string(),
                    "--size", "320x180", "--keep", glass.string()},
                   directory / "log");
  }
  std::uint64_t ask(CommandVerb verb) {
    Command body;
    body.verb = verb;
    body.boot = system.boot_id();
    body.link_nonce = ++asked;  // no command twice
    auto number = write_player_command(paths, sign(DocumentKind::command, 1, write_command(body),
                                                   person, "boss-1", "screen/lobby-1"));
    REQUIRE(number.ok());
    return *number;
  }
  PlayerAnswer answer(std::uint64_t number) {
    std::optional<PlayerAnswer> found;
    CHECK(until([&] { return (found = read_player_answer(paths, number)).has_value(); }));
    return found ? *found : PlayerAnswer{};
  }
  std::string reason() const {
    const auto live = read_player_live(paths, system.boottime());
    return live ? live->reason : "unknown";
  }
  // The upper rows of the newest picture, where the banner would stand.
  std::string upper() const {
    const auto picture = read_file(glass / "latest.nv12");
    return picture ? std::string(as_text(*picture).substr(0, std::size_t{320} * 36)) : "";
  }
  std::uint64_t asked = 0;
};

}  // namespace

TEST_CASE("a screen says which it is, and goes off and on, when its operator says so") {
  OperatedScreen screen;
  Process player = screen.start();
  CHECK(until([&] { return !screen.upper().empty() || !player.running(); }));
  REQUIRE(player.running());

  // Its ground is dark; the status picture begins with a band in the colour of its state.
  const auto banner = [](const std::string& rows) {
    return !rows.empty() && static_cast<unsigned char>(rows[0]) < 60;
  };
  CHECK_FALSE(banner(screen.upper()));
  CHECK(screen.answer(screen.ask(CommandVerb::identify)).done);
  CHECK(until([&] { return banner(screen.upper()); }));

  CHECK(screen.answer(screen.ask(CommandVerb::power_off)).done);
  CHECK(until([&] { return screen.reason() == kPanelOff; }));
  const PlayerAnswer dark = screen.answer(screen.ask(CommandVerb::identify));
  CHECK_FALSE(dark.done);
  CHECK(dark.text == "the panel is off; power-on comes first");

  CHECK(screen.answer(screen.ask(CommandVerb::power_on)).done);
  CHECK(until([&] { return screen.reason() != kPanelOff && screen.reason() != "unknown"; }));
  player.signal(SIGTERM);
  CHECK(player.wait() == 0);
}
