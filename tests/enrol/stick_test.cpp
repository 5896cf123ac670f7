// A stick from the backend's command to the device's, through the door as it ships.
#include "installation.hpp"

namespace vitrine {
namespace {

using testing::Installation;
using testing::Peer;

TEST_CASE("a stick sets a board up before there is a network, and it enrols at the first link") {
  Installation at(3600);
  const fs::path stick = at.at("lobby-1.bundle");
  const std::string config = at.at("backend.toml").string();
  REQUIRE_MESSAGE(at.vitrine({"token", "--config", config, "--screen", "lobby-1", "--area", "7",
                              "--zone", "Europe/Berlin", "--group", "demo", "--bundle",
                              stick.string(), "--days", "3"}) == 0,
                  at.log());
  CHECK(fs::status(stick).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  const StatePaths paths = at.state_of("lobby-1");
  REQUIRE(make_state_directories(paths));
  const auto set_up = [&](std::vector<std::string> more) {
    std::vector<std::string> words = {
        "setup",        "--state", paths.root.string(), "--run", paths.run.string(), "--bundle",
        stick.string(), "--yes",   "--rotate",          "90"};
    words.insert(words.end(), more.begin(), more.end());
    return at.vitrine(words);
  };
  CHECK(set_up({"--code", "0000-0000-0000-0000"}) == 1);
  CHECK(at.log().find("vitrine setup: " + stick.string() +
                      ": the stick is refused: it is signed by the installation ") !=
        std::string::npos);

  at.stop_nginx();
  REQUIRE_MESSAGE(set_up({"--ca", at.ca().ca()}) == 0, at.log());
  CHECK(at.log().find("this screen will be lobby-1 at its first link") != std::string::npos);
  const std::vector<std::string> pending = {"enrol", "--state", paths.root.string(), "--pending"};
  CHECK(at.vitrine(pending) == 75);
  at.start_nginx();
  REQUIRE_MESSAGE(at.vitrine(pending) == 0, at.log());
  CHECK(read_device_identity(paths)->area == 7);
  Peer screen(at.mqtt("lobby-1"));
  CHECK_MESSAGE(screen.connect(), at.log());
  CHECK(at.vitrine(pending) != 0);  // nothing waits any more
}

}  // namespace
}  // namespace vitrine
