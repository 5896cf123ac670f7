// The whole way of an operator's word: `vitrine`, vitrine-desired, a real broker over mutual TLS,
// and telemetry's own loop; the test plays the player.
#include "state/commands.hpp"

#include "broker.hpp"
#include "daemon.hpp"
#include "kit.hpp"
#include "process.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

struct Installation : Kit {
  Broker broker{Broker::Options{.tls = true}};
  SystemClock system_clock;
  std::unique_ptr<Daemon> daemon;
  std::unique_ptr<Process> desired;

  Installation() {
    trust.keys[0].kinds.push_back(DocumentKind::command);
    REQUIRE(GenerationStore(paths).put_trust(1, trust_jws(1)).ok());
    for (const std::string& name : {kScreen, std::string("desired"), std::string("anna")})
      broker.ca().issue(name);
    const auto copy = [](const fs::path& from, const fs::path& to) {
      fs::copy_file(from, to, fs::copy_options::overwrite_existing);
    };
    copy(broker.ca().ca(), paths.tls_authority());
    copy(broker.ca().certificate(kScreen), paths.tls_certificate());
    copy(broker.ca().key(kScreen), paths.tls_key());
    REQUIRE(write_private_key(temp / "operator.key", operator_key).ok());
    REQUIRE(write_atomic(temp / "trust.jws", trust_jws(1)).ok());
    Registry registry;
    for (const std::string name : {"lobby-1", "lobby-2"}) {
      RegisteredScreen screen;
      screen.screen = name;
      screen.area = 7;
      screen.zone = "Europe/Berlin";
      screen.groups = {"demo"};
      screen.shard = shard_of(name);
      registry.screens.push_back(screen);
    }
    REQUIRE(write_atomic(temp / "registry.json", write_registry(registry)).ok());
    const std::string root_path = temp.path().string();
    REQUIRE(write_atomic(temp / "backend.toml",
                         "registry = \"" + root_path + "/registry.json\"\nroot_key = \"" +
                             paths.root_key().string() + "\"\ntrust = \"" + root_path +
                             "/trust.jws\"\n[mqtt]\nport = " + std::to_string(broker.port()) +
                             "\nca = \"" + broker.ca().ca() + "\"\n[desired]\narchive = \"" +
                             root_path + "/archive\"\ncertificate = \"" +
                             broker.ca().certificate("desired") + "\"\nkey = \"" +
                             broker.ca().key("desired") + "\"\n")
                .ok());
    broker.start();
    identity.mqtt_port = broker.port();
    DaemonOptions options{.paths = paths, .backoff_cap = 100 * kMillisecond, .software = "test"};
    options.mqtt = mqtt_options(paths, identity);
    auto opened = Daemon::open(std::move(options), system_clock);
    REQUIRE(opened.ok());
    daemon = std::move(*opened);
  }
  void start_desired() {
    desired = std::make_unique<Process>(
        std::vector<std::string>{VITRINE_DESIRED_PROGRAM, "--config", temp / "backend.toml"},
        temp / "desired.log");
  }
  // Runs `vitrine WORDS`; meanwhile telemetry turns and `other` is done.
  int run(std::vector<std::string> words, const std::function<void()>& other = {}) {
    words.insert(words.begin(), VITRINE_PROGRAM);
    for (const std::string& word :
         {std::string("--key"), (temp / "operator.key").string(), std::string("--key-id"),
          std::string("operator-1"), std::string("--operator"), std::string("anna"),
          std::string("--broker"), "127.0.0.1:" + std::to_string(broker.port()),
          std::string("--ca"), broker.ca().ca(), std::string("--certificate"),
          broker.ca().certificate("anna"), std::string("--tls-key"), broker.ca().key("anna")})
      words.push_back(word);
    fs::remove(temp / "out");
    Process process(words, temp / "out");
    CHECK(until([&] { return !process.running(); },
                [&] {
                  daemon->turn(10 * kMillisecond);
                  if (other) other();
                }));
    return process.wait();
  }
  std::string output() const {
    auto text = read_text(temp / "out");
    return text ? *text : "";
  }
  bool says(const std::string& words) const { return output().find(words) != std::string::npos; }
};

}  // namespace

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
