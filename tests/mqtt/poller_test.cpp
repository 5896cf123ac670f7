#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <deque>

#include "broker.hpp"
#include "mqtt/transport_poller.hpp"
#include "process.hpp"

namespace vitrine {
namespace {

using testing::Broker;
using testing::until;

// Links that connect again at once when they are lost, all served by one poller.
struct Crowd {
  struct Member {
    std::unique_ptr<PolledTransport> link;
    int connects = 0, losses = 0;
    std::deque<MqttMessage> messages;
    std::size_t published = 0;
  };
  std::unique_ptr<TransportPoller> poller;
  std::deque<Member> members;

  Crowd(const Broker& broker, int count) {
    auto opened = TransportPoller::open();
    REQUIRE(opened);
    poller = *std::move(opened);
    for (int i = 0; i < count; ++i) {
      Member& member = members.emplace_back();
      MqttOptions options;
      options.port = broker.port();
      options.client_id = "member-" + std::to_string(i);
      member.link = make_mosquitto_transport(options);
      member.link->set_handlers(
          {.connected =
               [&member, i] {
                 ++member.connects;
                 CHECK(member.link->subscribe("to/" + std::to_string(i)));
               },
           .disconnected = [&member](const std::string&) { ++member.losses; },
           .message = [&member](const MqttMessage& got) { member.messages.push_back(got); },
           .published = [&member](int) { ++member.published; },
           .refused = {}});
      poller->add(*member.link);
    }
  }
  void connect() {
    for (Member& member : members) CHECK(member.link->connect());
  }
  bool all(const std::function<bool(const Member&)>& holds) {
    const auto everybody = [&] { return std::all_of(members.begin(), members.end(), holds); };
    return until(everybody, [&] { poller->poll(20 * kMillisecond); });
  }
};

TEST_CASE("one thread serves many links, beyond descriptor 1024 too: each gets its own messages") {
  Broker broker;
  broker.start();
  // A select() ends at 1024; what is open already pushes every socket of the crowd beyond it.
  std::vector<FileDescriptor> in_the_way;
  for (int fd = 0; fd < 1100; fd = in_the_way.back().get()) {
    in_the_way.emplace_back(::dup(0));
    REQUIRE(in_the_way.back().open());
  }
  Crowd crowd(broker, 60);
  crowd.connect();
  REQUIRE(crowd.all([](const Crowd::Member& member) { return member.connects == 1; }));
  CHECK(crowd.members.front().link->socket() > 1024);
  for (std::size_t i = 0; i < crowd.members.size(); ++i) {
    const std::size_t to = (i + 1) % crowd.members.size();
    // Large enough to be written in several pieces.
    CHECK(crowd.members[i].link->publish("to/" + std::to_string(to), Bytes(200'000, 7)));
  }
  REQUIRE(crowd.all([](const Crowd::Member& member) {
    return member.messages.size() == 1 && member.published == 1;
  }));
  for (const Crowd::Member& member : crowd.members)
    CHECK(member.messages.front().payload.size() == 200'000);
}

TEST_CASE(
    "links lost with their broker are told once each, and the poller serves their successors") {
  Broker broker;
  broker.start();
  Crowd crowd(broker, 20);
  for (int round = 1; round <= 3; ++round) {
    crowd.connect();
    REQUIRE(crowd.all([&](const Crowd::Member& member) { return member.connects == round; }));
    broker.kill();
    REQUIRE(crowd.all([&](const Crowd::Member& member) { return member.losses == round; }));
    for (const Crowd::Member& member : crowd.members) CHECK(member.link->socket() == -1);
    broker.start();
  }
}

TEST_CASE("a readable wake descriptor ends the wait at once") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  auto poller = TransportPoller::open(ends[0]);
  REQUIRE(poller);
  REQUIRE(::write(ends[1], "x", 1) == 1);
  // Without the wake this would take an hour, or one second at least.
  const auto before = std::chrono::steady_clock::now();
  (*poller)->poll(0);  // the first call serves all, whatever it is told
  (*poller)->poll(kHour);
  const bool over = std::chrono::steady_clock::now() - before < std::chrono::milliseconds(500);
  CHECK(over);
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace vitrine
