#include "mqtt/transport.hpp"

#include <doctest/doctest.h>

#include <ctime>
#include <deque>

#include "broker.hpp"
#include "process.hpp"

namespace vitrine {
namespace {

using testing::Broker;
using testing::until;

// A link and everything it was told.
struct Client {
  std::unique_ptr<MqttTransport> link;
  int connects = 0;
  std::deque<std::string> losses;
  std::deque<MqttMessage> messages;
  std::deque<int> published;
  std::deque<std::string> refused;

  explicit Client(const MqttOptions& options) : link(make_mosquitto_transport(options)) {
    MqttTransport::Handlers handlers;
    handlers.connected = [this] { ++connects; };
    handlers.disconnected = [this](const std::string& reason) { losses.push_back(reason); };
    handlers.message = [this](const MqttMessage& message) { messages.push_back(message); };
    handlers.published = [this](int id) { published.push_back(id); };
    handlers.refused = [this](int, const std::string& reason) { refused.push_back(reason); };
    link->set_handlers(std::move(handlers));
  }
  void step() { link->poll(10 * kMillisecond); }
  bool wait(const std::function<bool()>& condition) {
    return until(condition, [this] { step(); });
  }
  bool connect() {
    if (!link->connect()) return false;
    return wait([this] { return link->connected(); }) && wait([this] { return connects > 0; });
  }
};

MqttOptions options_for(const Broker& broker, const std::string& name) {
  MqttOptions options;
  options.port = broker.port();
  options.client_id = name;
  return options;
}

TEST_CASE("a link that starts before its broker succeeds by connecting again") {
  Broker broker;
  Client client(options_for(broker, "early"));
  REQUIRE(client.link->connect());
  REQUIRE(client.wait([&] { return client.losses.size() == 1; }));
  CHECK(client.losses.front().find("cannot reach 127.0.0.1:") == 0);
  CHECK_FALSE(client.link->connected());
  broker.start();
  CHECK(client.connect());
}

TEST_CASE("nothing is queued while the link is down") {
  Broker broker;
  Client client(options_for(broker, "down"));
  const auto sent = client.link->publish("a/b", as_bytes("x"));
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == ErrorCode::unavailable);
  CHECK_FALSE(client.link->subscribe("a/#"));
}

TEST_CASE("what is published comes back to a subscriber, byte for byte and once") {
  Broker broker;
  broker.start();
  Client client(options_for(broker, "echo"));
  REQUIRE(client.connect());
  REQUIRE(client.link->subscribe("t/+/x"));
  Bytes body;
  for (int i = 0; i < 100'000; ++i) body.push_back(static_cast<std::uint8_t>(i * 7));
  const auto id = client.link->publish("t/1/x", body);
  REQUIRE(id);
  REQUIRE(client.wait([&] { return client.messages.size() == 1 && client.published.size() == 1; }));
  CHECK(client.published.front() == *id);
  CHECK(client.messages.front().topic == "t/1/x");
  CHECK(client.messages.front().payload == body);
  CHECK_FALSE(client.messages.front().retained);
}

TEST_CASE("a retained message reaches whoever subscribes later and is marked retained") {
  Broker broker;
  broker.start();
  Client first(options_for(broker, "first"));
  REQUIRE(first.connect());
  REQUIRE(first.link->publish("kept", as_bytes("still here"), true));
  REQUIRE(first.wait([&] { return first.published.size() == 1; }));
  Client second(options_for(broker, "second"));
  REQUIRE(second.connect());
  REQUIRE(second.link->subscribe("kept"));
  REQUIRE(second.wait([&] { return second.messages.size() == 1; }));
  CHECK(as_text(second.messages.front().payload) == "still here");
  CHECK(second.messages.front().retained);
}

TEST_CASE("the will is sent when the owner vanishes and not when it says good-bye") {
  Broker broker;
  broker.start();
  Client watcher(options_for(broker, "watcher"));
  REQUIRE(watcher.connect());
  REQUIRE(watcher.link->subscribe("conn/+"));
  const auto with_will = [&](const std::string& name, std::uint32_t delay) {
    auto client = std::make_unique<Client>(options_for(broker, name));
    client->link->set_will({"conn/" + name, Bytes{'0'}, false, delay});
    return client;
  };
  auto polite = with_will("polite", 0);
  auto gone = with_will("gone", 0);
  auto slow = with_will("slow", 1);
  REQUIRE(polite->connect());
  REQUIRE(gone->connect());
  REQUIRE(slow->connect());
  polite->link->disconnect();
  gone.reset();  // closes the socket without a DISCONNECT, as a killed process does
  slow.reset();
  REQUIRE(watcher.wait([&] { return watcher.messages.size() == 2; }));
  CHECK(watcher.messages[0].topic == "conn/gone");
  CHECK(watcher.messages[1].topic == "conn/slow");
}

TEST_CASE("a publish the ACL forbids is reported as refused") {
  Broker::Options options;
  options.acl = "topic write allowed/#\ntopic read allowed/#\n";
  Broker broker(options);
  broker.start();
  Client client(options_for(broker, "limited"));
  REQUIRE(client.connect());
  REQUIRE(client.link->publish("elsewhere/x", as_bytes("x")));
  REQUIRE(client.wait([&] { return client.refused.size() == 1; }));
  CHECK(client.refused.front() == "Not authorized");
  REQUIRE(client.link->publish("allowed/x", as_bytes("x")));
  CHECK(client.wait([&] { return client.published.size() == 1; }));
  CHECK(client.link->connected());
}

TEST_CASE("a killed broker is noticed, and the same object connects to the next one") {
  Broker broker;
  broker.start();
  Client client(options_for(broker, "survivor"));
  REQUIRE(client.connect());
  broker.kill();
  REQUIRE(client.wait([&] { return client.losses.size() == 1; }));
  CHECK_FALSE(client.link->connected());
  CHECK_FALSE(client.link->publish("a", as_bytes("x")));
  broker.start();
  client.connects = 0;
  REQUIRE(client.connect());
  REQUIRE(client.link->publish("a", as_bytes("x")));
  CHECK(client.wait([&] { return client.published.size() == 1; }));
}

TEST_CASE("with certificates the user name is the CN and other people's topics are closed") {
  Broker::Options settings;
  settings.tls = true;
  settings.acl = "pattern write up/%u/#\n";
  Broker broker(settings);
  broker.ca().issue("lobby-1");
  broker.start();
  MqttOptions options = options_for(broker, "lobby-1");
  options.ca_file = broker.ca().ca();

  Client stranger(options);  // no certificate of its own
  REQUIRE(stranger.link->connect());
  REQUIRE(stranger.wait([&] { return !stranger.losses.empty(); }));
  CHECK(stranger.connects == 0);

  options.certificate_file = broker.ca().certificate("lobby-1");
  options.key_file = broker.ca().key("lobby-1");
  Client screen(options);
  REQUIRE(screen.connect());
  REQUIRE(screen.link->publish("up/lobby-1/play", as_bytes("x")));
  REQUIRE(screen.link->publish("up/lobby-2/play", as_bytes("x")));
  CHECK(screen.wait([&] { return screen.published.size() == 1 && screen.refused.size() == 1; }));
}

TEST_CASE("a broker's certificate of tomorrow is taken by who knows no time, and by no one else") {
  Broker::Options settings;
  settings.tls = true;
  settings.certificate_from_now_s = 86'400;
  Broker broker(settings);
  broker.ca().issue("lobby-1");
  broker.start();
  MqttOptions options = options_for(broker, "lobby-1");
  options.ca_file = broker.ca().ca();
  options.certificate_file = broker.ca().certificate("lobby-1");
  options.key_file = broker.ca().key("lobby-1");
  const auto refused = [&](const MqttOptions& given) {
    Client client(given);
    REQUIRE(client.link->connect());
    REQUIRE(client.wait([&] { return !client.losses.empty() || client.connects > 0; }));
    return client.connects == 0;
  };
  CHECK(refused(options));  // by the system clock
  options.certificate_time = [] { return CertificateTime{true, std::time(nullptr)}; };
  CHECK(refused(options));

  options.certificate_time = [] { return CertificateTime{false, 0}; };
  // Again and again on one object, as a screen does: the context is made and freed each time.
  Client unsure(options);
  for (int i = 0; i < 20; ++i) {
    unsure.connects = 0;
    REQUIRE(unsure.connect());
    unsure.link->disconnect();
  }
  testing::TempDirectory elsewhere;
  testing::TestCa stranger(elsewhere.path());
  stranger.issue("broker");
  MqttOptions wrong = options;
  wrong.ca_file = stranger.ca();
  CHECK(refused(wrong));  // no time is no reason to trust anybody
  MqttOptions misnamed = options;
  misnamed.host = "127.1";  // the same machine by a name that is not in the certificate
  CHECK(refused(misnamed));

  // The system clock is a day behind, and telemetry was told the true time.
  options.certificate_time = [] { return CertificateTime{true, std::time(nullptr) + 90'000}; };
  Client told(options);
  CHECK(told.connect());
}

TEST_CASE("a packet above the limit of the receiver never arrives") {
  Broker broker;
  broker.start();
  MqttOptions small = options_for(broker, "small");
  small.max_packet = 1000;
  Client receiver(small);
  REQUIRE(receiver.connect());
  REQUIRE(receiver.link->subscribe("x"));
  Client sender(options_for(broker, "sender"));
  REQUIRE(sender.connect());
  REQUIRE(sender.link->publish("x", Bytes(2000, 1)));
  REQUIRE(sender.link->publish("x", Bytes(500, 2)));
  REQUIRE(sender.wait([&] { return sender.published.size() == 2; }));
  REQUIRE(receiver.wait([&] { return !receiver.messages.empty(); }));
  CHECK(receiver.messages.front().payload.size() == 500);
}

TEST_CASE("the wait before another attempt is random, grows and stays below its cap") {
  Micros largest = 0;
  for (int i = 0; i < 2000; ++i) {
    CHECK(backoff_with_jitter(0, kSecond, 5 * kSecond) <= kSecond);
    const Micros late = backoff_with_jitter(60, kSecond, 5 * kSecond);
    CHECK(late >= 0);
    CHECK(late <= 5 * kSecond);
    largest = std::max(largest, late);
  }
  CHECK(largest > 4 * kSecond);
}

}  // namespace
}  // namespace vitrine
