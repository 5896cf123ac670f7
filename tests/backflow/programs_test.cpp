// The real programs against a real broker, killed as a machine room kills them.
#include <doctest/doctest.h>
#include <signal.h>

#include <array>
#include <deque>

#include "backend_kit.hpp"
#include "backflow/report.hpp"
#include "backflow/sql_store.hpp"
#include "broker.hpp"
#include "http_client.hpp"
#include "mqtt/transport.hpp"
#include "platform/clock.hpp"
#include "platform/sqlite.hpp"
#include "process.hpp"
#include "protocol/topics.hpp"
#include "protocol/wire.hpp"

namespace vitrine {
namespace {

using testing::BackendKit;
using testing::Broker;
using testing::Process;
using testing::until;

const DeviceTopics kTopics("lobby-1");

// A kit with a broker that demands certificates, and backend.toml for it.
struct Backend {
  BackendKit kit;
  Broker broker;

  Backend()
      : broker([] {
          Broker::Options options;
          options.tls = true;
          return options;
        }()) {
    for (const std::string name : {"ingest", "desired", "lobby-1", "anna"}) broker.ca().issue(name);
    write_config(config(), "spool", "store.db", "");
  }
  // `more`: lines of [ingest].
  void write_config(const fs::path& file, const std::string& spool, const std::string& store,
                    const std::string& more) {
    const auto identity = [&](const std::string& name) {
      return "certificate = \"" + broker.ca().certificate(name) + "\"\nkey = \"" +
             broker.ca().key(name) + "\"\n";
    };
    const std::string root = kit.root().string();
    REQUIRE(write_atomic(
        file, "registry = \"" + root + "/registry.json\"\nroot_key = \"" + root +
                  "/root.pub\"\ntrust = \"" + root +
                  "/trust.jws\"\n[mqtt]\nport = " + std::to_string(broker.port()) + "\nca = \"" +
                  broker.ca().ca() + "\"\n[ingest]\n" + identity("ingest") + "sign_key = \"" +
                  root + "/ingest.key\"\nkey_id = \"ingest-1\"\nspool = \"" + root + "/" + spool +
                  "\"\nstore = \"" + root + "/" + store + "\"\n" + more + "[desired]\n" +
                  identity("desired") + "archive = \"" + root + "/archive\"\n"));
  }
  fs::path config() const { return kit.root() / "backend.toml"; }
  std::unique_ptr<Process> start(const std::string& program) const {
    return start(program, config(), log());
  }
  static std::unique_ptr<Process> start(const std::string& program, const fs::path& with,
                                        const fs::path& log) {
    return std::make_unique<Process>(std::vector<std::string>{program, "--config", with.string()},
                                     log);
  }
  fs::path log() const { return kit.root() / "programs.log"; }
  std::string log_text() const { return read_text(log()).ok() ? *read_text(log()) : ""; }
};

// A client that comes back by itself and remembers what it was sent.
struct Peer {
  std::unique_ptr<MqttTransport> link;
  std::deque<MqttMessage> messages;

  Peer(Backend& backend, const std::string& name, std::string filter) {
    MqttOptions options;
    options.port = backend.broker.port();
    options.client_id = name;
    options.ca_file = backend.broker.ca().ca();
    options.certificate_file = backend.broker.ca().certificate(name);
    options.key_file = backend.broker.ca().key(name);
    link = make_mosquitto_transport(options);
    MqttTransport::Handlers handlers;
    handlers.connected = [this, filter] { CHECK(link->subscribe(filter)); };
    handlers.disconnected = [this](const std::string&) { down = true; };
    handlers.message = [this](const MqttMessage& message) { messages.push_back(message); };
    link->set_handlers(std::move(handlers));
  }
  void step() {
    if (down) {
      down = false;
      CHECK(link->connect());
    }
    link->poll(20 * kMillisecond);
  }
  // Says it again about every half second, as telemetry and a patient operator do, until `heard`.
  bool say_until(const std::string& topic, const std::string& body,
                 const std::function<bool()>& heard) {
    int turn = 0;
    return until(heard, [&] {
      if (link->connected() && turn++ % 25 == 0) (void)link->publish(topic, as_bytes(body));
      step();
    });
  }
  bool down = true;
};

bool acked(const Backend& backend, const Peer& peer, const BatchKey& key,
           const ScreenId& screen = "lobby-1") {
  for (const MqttMessage& message : peer.messages) {
    const auto ack = decode_ack(message.payload, screen, backend.kit.trust);
    if (!ack) continue;
    for (const BatchAck& entry : ack->batches) {
      if (entry.key == key && entry.status == AckStatus::stored) return true;
    }
  }
  return false;
}

TEST_CASE("the ingest killed at any moment, and its broker too, store each play once") {
  Backend backend;
  backend.broker.start();
  auto ingest = backend.start(VITRINE_INGEST_PROGRAM);
  Peer screen(backend, "lobby-1", kTopics.ack());
  for (std::uint64_t round = 0; round < 6; ++round) {
    INFO("round ", round, "\n", backend.log_text());
    const Batch batch = backend.kit.plays(1 + round * 20, 20);
    const std::string bytes(as_text(encode_batch(batch)));
    // Sent, and the receiver is killed before or after it has written, nobody knows.
    REQUIRE(until([&] { return screen.link->connected(); }, [&] { screen.step(); }));
    REQUIRE(screen.link->publish(kTopics.up(Stream::play), as_bytes(bytes)));
    for (std::uint64_t turn = 0; turn < round; ++turn) screen.step();
    ingest->signal(SIGKILL);
    CHECK(ingest->wait() == 128 + SIGKILL);
    if (round == 2) {
      backend.broker.kill();
      backend.broker.start();
    }
    ingest = backend.start(VITRINE_INGEST_PROGRAM);
    REQUIRE(screen.say_until(kTopics.up(Stream::play), bytes,
                             [&] { return acked(backend, screen, batch.key); }));
    // A known batch is acked again.
    screen.messages.clear();
    REQUIRE(screen.say_until(kTopics.up(Stream::play), bytes,
                             [&] { return acked(backend, screen, batch.key); }));
  }
  const auto stored = [&] {
    const auto report = read_report(backend.kit.root() / "store.db");
    return report ? report->plays : 0;
  };
  CHECK(until([&] { return stored() == 120; }));
  ingest->signal(SIGTERM);
  CHECK(ingest->wait() == 0);
  const auto report = read_report(backend.kit.root() / "store.db");
  REQUIRE(report);
  CHECK(report->plays == 120);
  CHECK(report->conflicts == 0);
  REQUIRE(report->streams.size() == 1);
  CHECK(report->streams[0].batches == 6);
}

// The first screen of a name with a number whose shard lies in that half.
ScreenId screen_in_half(std::uint32_t half) {
  for (int number = 10;; ++number) {
    const ScreenId screen = "lift-" + std::to_string(number);
    if (shard_of(screen) / (kShards / 2) == half) return screen;
  }
}

TEST_CASE("two ingests side by side over the shards take each screen's rows once, each its own") {
  Backend backend;
  backend.broker.start();
  struct Half {
    ScreenId screen;
    std::string name;
    int metrics = testing::free_port();
    std::unique_ptr<Process> ingest;
    std::unique_ptr<Peer> peer;
  };
  std::array<Half, 2> halves;
  for (std::uint32_t i = 0; i < 2; ++i) {
    Half& half = halves[i];
    half.screen = screen_in_half(i);
    half.name = "half-" + std::to_string(i);
    backend.broker.ca().issue(half.screen);
    backend.kit.registry.screens.push_back(backend.kit.screen(half.screen));
  }
  REQUIRE(backend.kit.write_registry_file());
  for (std::uint32_t i = 0; i < 2; ++i) {
    Half& half = halves[i];
    const fs::path config = backend.kit.root() / (half.name + ".toml");
    backend.write_config(config, half.name + "-spool", half.name + ".db",
                         "shards = [" + std::to_string(i * 32) + ", " +
                             std::to_string(i * 32 + 31) +
                             "]\nmetrics = \"127.0.0.1:" + std::to_string(half.metrics) + "\"\n");
    half.ingest =
        Backend::start(VITRINE_INGEST_PROGRAM, config, backend.kit.root() / (half.name + ".log"));
    half.peer = std::make_unique<Peer>(backend, half.screen, DeviceTopics(half.screen).ack());
  }
  const auto step = [&] {
    for (Half& half : halves) half.peer->step();
  };
  REQUIRE(
      until([&] { return halves[0].peer->link->connected() && halves[1].peer->link->connected(); },
            step));
  for (std::uint64_t round = 0; round < 3; ++round) {
    for (Half& half : halves) {
      const Batch batch = backend.kit.plays(1 + round * 20, 20, half.screen);
      REQUIRE(half.peer->say_until(
          DeviceTopics(half.screen).up(Stream::play), std::string(as_text(encode_batch(batch))),
          [&] { return acked(backend, *half.peer, batch.key, half.screen); }));
    }
  }
  for (Half& half : halves) {
    CAPTURE(half.name);
    // Told over HTTP: what this one took, and nothing of the other's.
    CHECK(until([&] {
      const auto page = testing::http_get(half.metrics, "/metrics");
      return page.status == 200 &&
             page.header("Content-Type").starts_with("text/plain; version=0.0.4") &&
             page.body.find("\nvitrine_ingest_rows_total{stream=\"play\"} 60\n") !=
                 std::string::npos &&
             page.body.find("\nvitrine_ingest_unknown_screen_total 0\n") != std::string::npos &&
             page.body.find("\nvitrine_ingest_connected 1\n") != std::string::npos;
    }));
    const std::string address = "sqlite:" + (backend.kit.root() / (half.name + ".db")).string();
    const auto rows_of = [&](const ScreenId& screen) -> std::int64_t {
      auto store = open_sql_store(address, SqlAccess::read);
      if (!store) return 0;
      auto rows =
          sql_scalar(**store, "SELECT count(*) FROM play WHERE device = " + sql_quoted(screen));
      return rows ? sql_integer(*rows) : 0;
    };
    CHECK(until([&] { return rows_of(half.screen) == 60; }));
    for (const Half& other : halves)
      if (other.screen != half.screen) CHECK(rows_of(other.screen) == 0);
    half.ingest->signal(SIGTERM);
    CHECK(half.ingest->wait() == 0);
  }
}

TEST_CASE("a metrics address that is not of this machine is one clear line and exit status 1") {
  Backend backend;
  backend.write_config(backend.config(), "spool", "store.db", "metrics = \"0.0.0.0:9464\"\n");
  auto ingest = backend.start(VITRINE_INGEST_PROGRAM);
  CHECK(ingest->wait() == 1);
  CHECK(backend.log_text().find("ingest.metrics is '0.0.0.0:9464': it is a loopback address") !=
        std::string::npos);
}

TEST_CASE("a push is answered, retained, and retained again after the broker was killed") {
  Backend backend;
  auto desired = backend.start(VITRINE_DESIRED_PROGRAM);  // before its broker
  backend.broker.start();
  Peer anna(backend, "anna", operator_reply_topic("anna"));
  const auto reply_to = [&](const std::string& jws) {
    anna.messages.clear();
    REQUIRE(
        anna.say_until(operator_push_topic("anna"), jws, [&] { return !anna.messages.empty(); }));
    auto reply = read_push_reply(as_text(anna.messages.front().payload));
    REQUIRE(reply);
    return *reply;
  };
  const std::string jws = backend.kit.settings(7);
  CHECK(reply_to(jws).accepted);
  const PushReply refused = reply_to(backend.kit.settings(6));
  CHECK_FALSE(refused.accepted);
  CHECK(refused.reason == "version 6 is not above 7, the last one accepted for group/demo");

  const auto retained = [&] {
    Peer screen(backend, "lobby-1", group_desired_filter("demo"));
    const bool there = until([&] { return !screen.messages.empty(); }, [&] { screen.step(); });
    return there ? std::string(as_text(screen.messages.front().payload)) : std::string();
  };
  CHECK(retained() == jws);
  backend.broker.kill();
  backend.broker.start();
  CHECK(retained() == jws);
  desired->signal(SIGTERM);
  CHECK(desired->wait() == 0);
}

TEST_CASE("a screen that reports less than it should is sent it again, within seconds and once") {
  Backend backend;
  backend.broker.start();
  auto desired = backend.start(VITRINE_DESIRED_PROGRAM);
  Peer anna(backend, "anna", operator_reply_topic("anna"));
  const std::string jws = backend.kit.settings(7);
  REQUIRE(anna.say_until(operator_push_topic("anna"), jws, [&] { return !anna.messages.empty(); }));
  Peer screen(backend, "lobby-1", group_desired_filter("demo"));
  REQUIRE(until([&] { return !screen.messages.empty(); }, [&] { screen.step(); }));
  // The broker forgets this one document; nobody reconnects.
  REQUIRE(screen.link->publish(group_desired_topic("demo", DocumentKind::settings), {}, true));
  screen.messages.clear();
  Reported reported;
  reported.documents.push_back({"settings", "group/demo", 6, ApplyState::confirmed, ""});
  const auto came = [&] {
    return std::count_if(screen.messages.begin(), screen.messages.end(),
                         [&](const MqttMessage& m) { return as_text(m.payload) == jws; });
  };
  // Said again every half second; it is brought once, not each time.
  REQUIRE(
      screen.say_until(kTopics.reported(), write_reported(reported), [&] { return came() > 0; }));
  int turns = 0;
  (void)screen.say_until(kTopics.reported(), write_reported(reported),
                         [&] { return ++turns > 100; });
  CHECK(came() == 1);
  desired->signal(SIGTERM);
  CHECK(desired->wait() == 0);
}

TEST_CASE("a config that lacks a key is one clear line and exit status 1") {
  Backend backend;
  REQUIRE(write_atomic(backend.config(), "registry = \"x\"\n"));
  auto ingest = backend.start(VITRINE_INGEST_PROGRAM);
  CHECK(ingest->wait() == 1);
  CHECK(backend.log_text().find("text 'ingest.sign_key' is missing; stopping") !=
        std::string::npos);
}

}  // namespace
}  // namespace vitrine
