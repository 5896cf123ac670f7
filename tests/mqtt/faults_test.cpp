// The transport on networks that misbehave: a real mosquitto behind a proxy that spoils.
#include <doctest/doctest.h>

#include "broker.hpp"
#include "mqtt/transport.hpp"
#include "platform/certificate.hpp"
#include "platform/file.hpp"
#include "process.hpp"
#include "proxy.hpp"

namespace vitrine {
namespace {

using testing::Broker;
using testing::Proxy;
using testing::until;

struct Client {
  std::unique_ptr<MqttTransport> link;
  int connects = 0, published = 0;
  std::vector<std::string> losses;
  std::vector<MqttMessage> messages;

  explicit Client(const MqttOptions& options) : link(make_mosquitto_transport(options)) {
    MqttTransport::Handlers handlers;
    handlers.connected = [this] { ++connects; };
    handlers.disconnected = [this](const std::string& reason) { losses.push_back(reason); };
    handlers.message = [this](const MqttMessage& message) { messages.push_back(message); };
    handlers.published = [this](int) { ++published; };
    link->set_handlers(std::move(handlers));
  }
  bool wait(const std::function<bool()>& condition) {
    return until(condition, [this] { link->poll(10 * kMillisecond); });
  }
  bool connect() {
    const std::size_t before = losses.size();
    return link->connect().ok() && wait([&] { return connects > 0 || losses.size() > before; }) &&
           link->connected();
  }
};

MqttOptions options_for(int port, const std::string& name) {
  MqttOptions options;
  options.port = port;
  options.client_id = name;
  return options;
}

TEST_CASE("messages that nobody acknowledges any more are congestion, and the link is given up") {
  Broker broker;
  broker.start();
  Proxy proxy(broker.port());
  auto options = options_for(proxy.port(), "stuck");
  options.congestion = 300 * kMillisecond;
  Client client(options);
  REQUIRE(client.connect());
  REQUIRE(client.link->publish("a", as_bytes("x")));
  REQUIRE(client.wait([&] { return client.published == 1; }));
  proxy.stall_answers(true);
  REQUIRE(client.link->publish("a", as_bytes("y")));
  REQUIRE(client.wait([&] { return !client.losses.empty(); }));
  CHECK(client.losses.front().find("congested: 1 messages on their way") == 0);
  proxy.stall_answers(false);
  client.connects = 0;
  REQUIRE(client.connect());
  REQUIRE(client.link->publish("a", as_bytes("z")));
  CHECK(client.wait([&] { return client.published == 2; }));
}

TEST_CASE("a slow network is no congestion as long as something arrives") {
  Broker broker;
  broker.start();
  Proxy proxy(broker.port());
  auto options = options_for(proxy.port(), "slow");
  options.congestion = 2 * kSecond;
  Client client(options);
  REQUIRE(client.connect());
  proxy.limit(20'000);
  // Three seconds of bytes, and never two without an acknowledgement.
  for (int i = 0; i < 30; ++i) REQUIRE(client.link->publish("a", Bytes(2'000, 1)));
  REQUIRE(client.wait([&] { return client.published == 30 || !client.losses.empty(); }));
  CHECK(client.published == 30);
  CHECK(client.losses.empty());
}

TEST_CASE("a half-open link with nothing to say is found by the keepalive") {
  Broker broker;
  broker.start();
  Proxy proxy(broker.port());
  auto options = options_for(proxy.port(), "half-open");
  options.keepalive_s = 5;  // the least libmosquitto takes
  Client client(options);
  REQUIRE(client.connect());
  proxy.stall(true);
  CHECK(client.wait([&] { return !client.losses.empty(); }));
  CHECK_FALSE(client.link->connected());
}

TEST_CASE("a connection cut anywhere is lost once, and the same object connects again") {
  Broker broker;
  broker.start();
  Proxy proxy(broker.port());
  Client client(options_for(proxy.port(), "cut"));
  for (std::uint64_t bytes = 5; bytes < 400; bytes += 45) {
    INFO(bytes, " bytes");
    proxy.drop_after(bytes);
    const std::size_t before = client.losses.size();
    client.connects = 0;
    REQUIRE(client.link->connect());
    REQUIRE(client.wait([&] { return client.connects > 0 || client.losses.size() > before; }));
    for (int i = 0; i < 50 && client.link->connected(); ++i)
      (void)client.link->publish("a", Bytes(50, 1));
    REQUIRE(client.wait([&] { return client.losses.size() > before; }));
    CHECK(client.losses.size() == before + 1);
  }
  proxy.drop_after(0);
  client.connects = 0;
  REQUIRE(client.connect());
  const int before = client.published;
  REQUIRE(client.link->publish("a", as_bytes("x")));
  CHECK(client.wait([&] { return client.published > before; }));
}

TEST_CASE("what a will retains is gone again after its expiry") {
  Broker broker;
  broker.start();
  Proxy proxy(broker.port());
  Client watcher(options_for(broker.port(), "watcher"));
  REQUIRE(watcher.connect());
  REQUIRE(watcher.link->subscribe("conn"));
  Client gone(options_for(proxy.port(), "gone"));
  gone.link->set_will({"conn", Bytes{'0'}, true, 0, 1});
  REQUIRE(gone.connect());
  proxy.cut();
  REQUIRE(watcher.wait([&] { return watcher.messages.size() == 1; }));
  // Whoever asks later, and each asks anew, hears nothing in the end.
  const auto retained = [&] {
    Client late(options_for(broker.port(), "late"));
    REQUIRE(late.connect());
    REQUIRE(late.link->subscribe("conn"));
    REQUIRE(late.link->subscribe("echo"));
    REQUIRE(late.link->publish("echo", as_bytes("x")));
    REQUIRE(
        late.wait([&] { return !late.messages.empty() && late.messages.back().topic == "echo"; }));
    return late.messages.size() > 1;
  };
  CHECK(until([&] { return !retained(); }));
}

}  // namespace
}  // namespace vitrine
