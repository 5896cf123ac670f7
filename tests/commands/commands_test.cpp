// The whole way of an operator's word: `vitrine`, vitrine-desired, a real broker over mutual TLS,
// and telemetry's own loop; the test plays the player.
#include "state/commands.hpp"

#include "backflow/picture_archive.hpp"
#include "installation.hpp"
#include "state/play_log.hpp"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("an operator asks a screen for its logs and its player for more, and hears the answers") {
  Installation all;
  all.start_desired();
  CHECK(all.run({"command", "logs", "--screen", "lobby-1"}) == 0);
  INFO(all.output());
  CHECK(all.says("lobby-1: logs: done:\n"));
  CHECK(all.says("player: says nothing\n"));

  const auto player = [&] {
    for (const PlayerCommand& command : read_player_commands(all.paths)) {
      REQUIRE(write_player_answer(all.paths, {command.number, sha256(as_bytes(command.jws)), false,
                                              "the panel is off; power-on comes first"})
                  .ok());
    }
  };
  CHECK(all.run({"command", "identify", "--screen", "lobby-1"}, player) == 1);
  CHECK(all.says("lobby-1: identify: not done:\nthe panel is off; power-on comes first\n"));
  CHECK(all.run({"command", "logs", "--screen", "lobby-2"}) == 1);
  CHECK(all.says("the broker knows no birth of screen lobby-2"));
  CHECK(all.run({"command", "restart", "--screen", "lobby-1", "--wait", "1"}) == 2);
  CHECK(all.says("screen lobby-1 did not answer within 1 s"));
}

TEST_CASE("an operator asks a screen for its picture and gets it as a file") {
  Installation all;
  all.start_desired();
  Bytes jpeg(150'000, 7);
  jpeg[0] = jpeg[2] = 0xff;
  jpeg[1] = 0xd8;
  std::string named = to_hex(sha256(jpeg));
  const auto player = [&] {
    for (const PlayerCommand& command : read_player_commands(all.paths)) {
      REQUIRE(write_player_picture(all.paths, command.number, jpeg).ok());
      REQUIRE(write_player_answer(all.paths, {command.number, sha256(as_bytes(command.jws)), true,
                                              "shown: spring sale\njpeg: sha256 " + named})
                  .ok());
    }
  };
  const fs::path file = all.temp / "shot.jpg";
  const std::vector<std::string> words = {"command", "screenshot", "--screen",
                                          "lobby-1", "--out",      file};
  CHECK(all.run(words, player) == 0);
  INFO(all.output());
  CHECK(all.says("lobby-1: screenshot: done:\nshown: spring sale\n"));
  CHECK(read_file(file).value() == jpeg);
  // Another picture than the one the player speaks of. In the same second it would be the same
  // command, which is obeyed once.
  fs::remove(file);
  const Micros asked = all.system_clock.realtime() / kSecond;
  REQUIRE(until([&] { return all.system_clock.realtime() / kSecond > asked; }));
  named = to_hex(sha256(as_bytes("another")));
  CHECK(all.run(words, player) == 1);
  CHECK(all.says("the picture that came is not the one the answer names"));
  CHECK_FALSE(fs::exists(file));
}

TEST_CASE("a sampled picture is archived by the ingest under the hash that its screen tells") {
  Installation all;
  auto registry = read_registry(*read_text(all.temp / "registry.json"));
  REQUIRE(registry.ok());
  registry->screens.pop_back();  // lobby-2 was never there
  REQUIRE(write_atomic(all.temp / "registry.json", write_registry(*registry)).ok());
  all.start_desired();
  const auto ingest = all.start_ingest();
  auto log = PlayLog::open(all.paths.plays_log(), kScreen, all.proof);
  REQUIRE(log.ok());
  for (int i = 0; i < 20; ++i) REQUIRE(log->append(PlayRow{}, 0).ok());
  // So that it listens.
  REQUIRE(all.turn_until([&] { return all.stored() == 20; }));
  Bytes jpeg(60'000, 7);
  jpeg[0] = jpeg[2] = 0xff;
  jpeg[1] = 0xd8;
  const auto player = [&] {
    for (const PlayerCommand& command : read_player_commands(all.paths)) {
      REQUIRE(write_player_picture(all.paths, command.number, jpeg).ok());
      REQUIRE(write_player_answer(all.paths, {command.number, sha256(as_bytes(command.jws)), true,
                                              "jpeg: sha256 " + to_hex(sha256(jpeg))})
                  .ok());
    }
  };
  CHECK(all.run({"sample", "--config", all.temp / "backend.toml", "--screens", "1"}, player) == 0);
  INFO(all.output());
  CHECK(all.says("1 of 1 screens sent a picture\n"));
  CHECK_FALSE(fs::exists("lobby-1.jpg"));
  const PictureArchive archive(all.temp / "ingest/spool/pictures");
  CHECK(all.turn_until([&] { return archive.read(sha256(jpeg)).ok(); }));
}

TEST_CASE(
    "a push made while vitrine-desired is away arrives when it comes, and counts every screen") {
  Installation all;
  REQUIRE(write_atomic(all.temp / "settings.json", settings_text()).ok());
  bool started = false;
  const Micros begin = all.system_clock.boottime();
  const std::vector<std::string> words = {"push",       all.temp / "settings.json",
                                          "--kind",     "settings",
                                          "--to",       "group/demo",
                                          "--version",  "3",
                                          "--wait",     "2",
                                          "--registry", all.temp / "registry.json"};
  const int code = all.run(words, [&] {
    if (started || all.system_clock.boottime() - begin < 2 * kSecond) return;
    started = true;
    all.start_desired();
  });
  INFO(all.output());
  CHECK(started);
  CHECK(all.says("settings 3 for group/demo accepted\n"));
  CHECK(all.says("1 of 2 screens confirmed, 1 silent (lobby-2) within 2 s\n"));
  CHECK(code == 2);
}
