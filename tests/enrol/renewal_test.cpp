// A device whose certificate lives for seconds: renewed in time by telemetry, refused by the broker
// when it has run out, and back by itself.
#include "renewal.hpp"

#include <set>

#include "installation.hpp"
#include "protocol/topics.hpp"
#include "state/tls_identity.hpp"

namespace vitrine {
namespace {

using testing::Installation;
using testing::Peer;
using testing::Process;
using testing::until;

constexpr int kLifeS = 8;

struct Running : Installation {
  std::unique_ptr<Process> telemetry;
  Peer watcher;
  std::set<std::uint64_t> births;

  Running() : Installation(kLifeS), watcher(mqtt_ingest(), "vt/v1/+/+/state/conn") {
    REQUIRE(watcher.connect());
  }
  void start(const std::string& screen) {
    const StatePaths paths = state_of(screen);
    telemetry = std::make_unique<Process>(
        std::vector<std::string>{VITRINE_TELEMETRY_PROGRAM, "--state", paths.root.string(), "--run",
                                 paths.run.string(), "--backoff-cap", "0.3"},
        at("log"));
  }
  void step() {
    watcher.link->poll(20 * kMillisecond);
    for (const MqttMessage& message : watcher.messages) {
      const auto connection = read_connection(as_text(message.payload));
      if (connection && connection->online) births.insert(connection->link_nonce);
    }
    watcher.messages.clear();
  }
  bool wait(const std::function<bool()>& condition) {
    return until(
        condition, [this] { step(); }, std::chrono::seconds(60));
  }
};

TEST_CASE("telemetry renews at two thirds of life and comes back with the new certificate") {
  Running at;
  at.enrol("hall-1");
  const std::string first = at.registered("hall-1").certificate_sha256;
  const TlsIdentity identity(at.state_of("hall-1"));
  at.start("hall-1");
  REQUIRE_MESSAGE(at.wait([&] { return at.births.size() == 1; }), at.log());
  // Renewed, connected anew, and the server told: the old certificate is given up.
  REQUIRE_MESSAGE(at.wait([&] {
    return at.registered("hall-1").certificate_sha256 != first && at.births.size() >= 2 &&
           !identity.to_be_seen();
  }),
                  at.log());
  const auto own = identity.certificate();
  REQUIRE(own);
  const std::string second = own->fingerprint();
  CHECK(second != first);
  // And again, although the server is killed just then.
  at.kill_enrol();
  at.start_enrol();
  REQUIRE_MESSAGE(at.wait([&] {
    const std::string now = at.registered("hall-1").certificate_sha256;
    return now != first && now != second && at.births.size() >= 3;
  }),
                  at.log());
}

TEST_CASE("a certificate that has run out reaches only enrolment, which brings the link back") {
  Running at;
  at.enrol("hall-1");
  const TlsIdentity identity(at.state_of("hall-1"));
  const std::int64_t end = identity.certificate()->valid_until();
  const SystemClock clock;
  REQUIRE(at.wait([&] { return clock.realtime() / kSecond > end; }));
  Peer late(at.mqtt("hall-1"));
  CHECK_FALSE(late.connect());
  REQUIRE(late.losses.size() == 1);
  CHECK_MESSAGE(
      at.wait([&] { return at.log().find("certificate verify failed") != std::string::npos; }),
      at.log());

  at.start("hall-1");
  REQUIRE_MESSAGE(at.wait([&] { return !at.births.empty(); }), at.log());
  CHECK(identity.certificate()->valid_until() > end);
}

}  // namespace
}  // namespace vitrine
