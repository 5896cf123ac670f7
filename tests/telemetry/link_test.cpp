// The link, over a real mosquitto and a proxy that spoils, by a clock moved by hand.
#include "link.hpp"

#include <algorithm>
#include <set>

#include "broker.hpp"
#include "kit.hpp"
#include "process.hpp"
#include "proxy.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

// One screen's link. Time passes only as the test says: `step` waits for the network in real time
// and moves the screen's clock by as much as `tick_us`.
struct Screen {
  std::unique_ptr<MqttTransport> transport;
  Link link;
  Notices notices;
  int told = 0;
  std::vector<MqttMessage> messages;

  static MqttOptions mqtt(int port) {
    MqttOptions options;
    options.port = port;
    options.client_id = kScreen;
    return options;
  }
  static LinkOptions options() {
    LinkOptions options{.screen = kScreen, .groups = {"demo", "lifts"}, .software = "1"};
    options.will_delay_s = 0;
    options.jitter = [](int attempt, Micros base, Micros cap) {
      return std::min(cap, base << std::min(attempt, 30));
    };
    return options;
  }
  Screen(ManualClock& at, int port, LinkOptions given = options())
      : transport(make_mosquitto_transport(mqtt(port))),
        link(*transport, at, std::move(given)),
        clock(at) {
    link.on_connected([this] { ++told; });
    link.on_notice(notices.sink());
    link.on_message([this](const MqttMessage& message) { messages.push_back(message); });
  }
  void step() {
    link.tick();
    transport->poll(5 * kMillisecond);
  }
  bool connect() {
    const int before = told;
    return until([&] { return told > before; },
                 [this] {
                   clock.advance(20 * kMillisecond);
                   step();
                 });
  }
  ManualClock& clock;
};

// Hears every screen's birth and will.
struct Watcher {
  std::unique_ptr<MqttTransport> transport;
  std::vector<std::pair<Connection, bool>> heard;  // and whether it was retained

  explicit Watcher(int port) {
    MqttOptions options;
    options.port = port;
    options.client_id = "watcher";
    transport = make_mosquitto_transport(options);
    transport->set_handlers(
        {.connected = [this] { REQUIRE(transport->subscribe("vt/v1/+/+/state/conn").ok()); },
         .message =
             [this](const MqttMessage& message) {
               heard.emplace_back(*read_connection(as_text(message.payload)), message.retained);
             }});
    REQUIRE(transport->connect().ok());
    REQUIRE(until([&] { return transport->connected(); }, [this] { step(); }));
  }
  void step() { transport->poll(5 * kMillisecond); }
  bool wait(std::size_t messages) {
    return until([&] { return heard.size() >= messages; }, [this] { step(); });
  }
};

}  // namespace

TEST_CASE("without a broker the link tries again and again, later and later up to its cap") {
  ManualClock clock;
  std::vector<Micros> waits;
  LinkOptions options = Screen::options();
  options.jitter = [&](int attempt, Micros base, Micros cap) {
    waits.push_back(std::min(cap, base << std::min(attempt, 30)));
    return waits.back();
  };
  Screen screen(clock, free_port(), options);
  const auto wait_for = [&](std::size_t count, Micros stride) {
    return until([&] { return waits.size() >= count; },
                 [&] {
                   const std::size_t before = waits.size();
                   screen.step();
                   // Time goes on only when nothing else happens.
                   if (waits.size() == before) clock.advance(stride);
                 });
  };
  REQUIRE(wait_for(6, 100 * kMillisecond));
  CHECK(waits ==
        std::vector<Micros>{500'000, 1'000'000, 2'000'000, 4'000'000, 5'000'000, 5'000'000});
  // The longer it lasts, the longer a network that comes back takes its time: a tenth, at most
  // 15 minutes.
  clock.advance(10 * kMinute);
  REQUIRE(wait_for(8, kSecond));
  CHECK(waits.back() > 60 * kSecond);
  CHECK(waits.back() <= 64 * kSecond);
  clock.advance(kDay);
  REQUIRE(wait_for(14, kMinute));
  CHECK(waits.back() == 15 * kMinute);
}

TEST_CASE("every link brings a birth with a fresh nonce, and its loss the will that names it") {
  Broker broker;
  broker.start();
  Proxy proxy(broker.port());
  ManualClock clock;
  Watcher watcher(broker.port());
  Screen screen(clock, proxy.port());
  REQUIRE(screen.connect());
  REQUIRE(watcher.wait(1));
  proxy.cut();
  REQUIRE(screen.connect());
  REQUIRE(watcher.wait(3));
  const auto& heard = watcher.heard;
  CHECK(heard[0].first.online);
  CHECK(heard[0].first.boot == clock.boot_id());
  CHECK(heard[0].first.software == "1");
  CHECK_FALSE(heard[1].first.online);
  CHECK(heard[1].first.link_nonce == heard[0].first.link_nonce);
  CHECK(heard[2].first.online);
  CHECK(heard[2].first.link_nonce != heard[0].first.link_nonce);
  CHECK(screen.link.connections() == 2);
  // Retained: who comes later hears the birth and knows it for an old one.
  Watcher late(broker.port());
  REQUIRE(late.wait(1));
  CHECK(late.heard[0].second);
  CHECK(late.heard[0].first.link_nonce == heard[2].first.link_nonce);
}

TEST_CASE("acks, own documents and those of its groups arrive, on each link anew") {
  Broker broker;
  broker.start();
  Proxy proxy(broker.port());
  ManualClock clock;
  Watcher backend(broker.port());
  Screen screen(clock, proxy.port());
  const DeviceTopics topics(kScreen);
  for (int link = 0; link < 2; ++link) {
    REQUIRE(screen.connect());
    screen.messages.clear();
    const std::set<std::string> wanted{topics.ack(), topics.desired(DocumentKind::settings),
                                       group_desired_topic("demo", DocumentKind::schedule),
                                       group_desired_topic("lifts", DocumentKind::schedule)};
    const auto heard = [&] {
      std::set<std::string> topics_heard;
      for (const MqttMessage& message : screen.messages) topics_heard.insert(message.topic);
      return topics_heard;
    };
    // Said again now and then: the broker may still be busy with the subscriptions.
    int turn = 0;
    CHECK(until([&] { return heard() == wanted; },
                [&] {
                  if (turn++ % 20 == 0) {
                    for (const std::string& topic : wanted)
                      REQUIRE(backend.transport->publish(topic, as_bytes("x")).ok());
                    REQUIRE(backend.transport
                                ->publish(group_desired_topic("others", DocumentKind::schedule),
                                          as_bytes("x"))
                                .ok());
                  }
                  backend.step();
                  screen.step();
                }));
    proxy.cut();
    REQUIRE(until([&] { return !screen.transport->connected(); }, [&] { screen.step(); }));
  }
}

TEST_CASE("a clean end says offline itself") {
  Broker broker;
  broker.start();
  ManualClock clock;
  Watcher watcher(broker.port());
  Screen screen(clock, broker.port());
  REQUIRE(screen.connect());
  REQUIRE(watcher.wait(1));
  screen.link.leave();
  REQUIRE(watcher.wait(2));
  CHECK_FALSE(watcher.heard[1].first.online);
  CHECK_FALSE(screen.transport->connected());
}

TEST_CASE("two screens with one certificate are noticed, say so, and hold back") {
  Broker broker;
  broker.start();
  ManualClock clock;
  Watcher watcher(broker.port());
  Screen one(clock, broker.port()), other(clock, broker.port());
  const auto step = [&] {
    clock.advance(50 * kMillisecond);
    one.step();
    other.step();
    watcher.step();
  };
  const auto noticed = [](const Screen& screen) { return screen.link.identity_twice(); };
  REQUIRE(until([&] { return noticed(one) && noticed(other); }, step));
  CHECK(one.notices.list.size() == 1);
  CHECK(one.notices.list.front().first == "identity-twice");
  // From now on seldom: in ten minutes of their clocks a handful of links, not one a second.
  const auto before = one.link.connections() + other.link.connections();
  const Micros end = clock.boottime() + 10 * kMinute;
  REQUIRE(until([&] { return clock.boottime() >= end; },
                [&] {
                  step();
                  clock.advance(kSecond);
                }));
  CHECK(one.link.connections() + other.link.connections() - before <= 12);
  CHECK(one.notices.list.size() == 1);
  CHECK(until(
      [&] {
        return std::any_of(watcher.heard.begin(), watcher.heard.end(),
                           [](const auto& it) { return it.first.identity_twice == true; });
      },
      [&] {
        step();
        clock.advance(kSecond);
      }));
  // The other one is gone: after a quarter of an hour of a good link all is as before.
  other.transport->disconnect();
  CHECK(until([&] { return !noticed(one); },
              [&] {
                clock.advance(5 * kSecond);
                one.step();
              }));
}

TEST_CASE("a screen that is cut off again and again, or restarts, is not taken for two") {
  Broker broker;
  broker.start();
  Proxy proxy(broker.port());
  ManualClock clock;
  for (int life = 0; life < 2; ++life) {
    Screen screen(clock, proxy.port());
    for (int cut = 0; cut < 8; ++cut) {
      REQUIRE(screen.connect());
      proxy.cut();
      REQUIRE(until([&] { return !screen.transport->connected(); }, [&] { screen.step(); }));
    }
    CHECK_FALSE(screen.link.identity_twice());
    CHECK(screen.notices.list.empty());
  }
}

TEST_CASE("a link that is made anew tries again at once, with another nonce") {
  Broker broker;
  broker.start();
  ManualClock clock;
  Screen screen(clock, broker.port());
  REQUIRE(screen.connect());
  const auto nonce = screen.link.nonce();
  screen.link.restart("the clock is known");
  CHECK_FALSE(screen.transport->connected());
  // No time passes on its clock: nothing is waited for.
  REQUIRE(until([&] { return screen.told == 2; }, [&] { screen.step(); }));
  CHECK(screen.link.nonce() != nonce);
}
