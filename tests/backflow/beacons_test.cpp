#include "backflow/beacons.hpp"

#include <doctest/doctest.h>

#include "backend_kit.hpp"
#include "manual_clock.hpp"
#include "protocol/topics.hpp"
#include "protocol/wire.hpp"

namespace vitrine {
namespace {

using testing::BackendKit;
using testing::ManualClock;

struct Server {
  BackendKit kit;
  ManualClock clock;
  bool synchronised = true;
  Beacons beacons{{kit.root() / "registry.json", "ingest-1", kit.ingest_key,
                   [this] {
                     return Result(KernelTimeState{synchronised, 0});
                   }},
                  clock};

  MqttMessage birth(const ScreenId& screen = "lobby-1", std::uint64_t nonce = 77) const {
    const std::string text = write_connection({true, {5, 6}, nonce, "1"});
    const ByteView bytes = as_bytes(text);
    return {DeviceTopics(screen).connection(), Bytes(bytes.begin(), bytes.end()), false};
  }
};

TEST_CASE("a birth is answered with this server's time, for that nonce, boot and screen alone") {
  Server server;
  const auto sent = server.beacons.answer(server.birth());
  REQUIRE(sent.has_value());
  CHECK(sent->topic == DeviceTopics("lobby-1").time());
  const auto beacon = decode_beacon(sent->payload, "lobby-1", server.kit.trust);
  REQUIRE(beacon.ok());
  CHECK(beacon->link_nonce == 77);
  CHECK(beacon->boot == BootId{5, 6});
  CHECK(beacon->utc_us == server.clock.realtime());
  CHECK_FALSE(decode_beacon(sent->payload, "lobby-2", server.kit.trust).ok());
}

TEST_CASE("an ack is no beacon and a beacon is no ack, though one key signs both") {
  Server server;
  const auto sent = server.beacons.answer(server.birth());
  REQUIRE(sent.has_value());
  CHECK_FALSE(decode_ack(sent->payload, "lobby-1", server.kit.trust).ok());
  const Bytes ack = encode_ack({}, "lobby-1", "ingest-1", server.kit.ingest_key);
  CHECK_FALSE(decode_beacon(ack, "lobby-1", server.kit.trust).ok());
}

TEST_CASE("retained births, wills, strangers and revoked screens get no time") {
  Server server;
  MqttMessage retained = server.birth();
  retained.retained = true;
  CHECK_FALSE(server.beacons.answer(retained).has_value());
  MqttMessage will = server.birth();
  const std::string text = write_connection({false, {5, 6}, 77, "1"});
  will.payload.assign(text.begin(), text.end());
  CHECK_FALSE(server.beacons.answer(will).has_value());
  CHECK_FALSE(server.beacons.answer(server.birth("lobby-2")).has_value());  // revoked
  CHECK_FALSE(server.beacons.answer(server.birth("lobby-9")).has_value());  // unknown
  MqttMessage elsewhere = server.birth();
  elsewhere.topic = DeviceTopics("lobby-1").reported();
  CHECK_FALSE(server.beacons.answer(elsewhere).has_value());
  CHECK(server.beacons.answer(server.birth()).has_value());
}

TEST_CASE("a screen that is born again at once is not answered again at once") {
  Server server;
  CHECK(server.beacons.answer(server.birth("lobby-1", 1)).has_value());
  server.clock.advance(kSecond);
  CHECK_FALSE(server.beacons.answer(server.birth("lobby-1", 2)).has_value());
  server.clock.advance(5 * kSecond);
  CHECK(server.beacons.answer(server.birth("lobby-1", 3)).has_value());
}

TEST_CASE("a server that is not sure of the time says nothing, and begins when it is") {
  Server server;
  server.synchronised = false;
  CHECK_FALSE(server.beacons.answer(server.birth()).has_value());
  server.synchronised = true;
  CHECK(server.beacons.answer(server.birth()).has_value());
}

}  // namespace
}  // namespace vitrine
