// What the shipped broker lets whom do, and what it learns at SIGHUP.
#include "https_post.hpp"
#include "installation.hpp"
#include "protocol/enrolment.hpp"
#include "protocol/topics.hpp"

namespace vitrine {
namespace {

using testing::Installation;
using testing::Peer;
using testing::until;

TEST_CASE("an enrolled screen speaks for itself, hears its own groups, and nothing else") {
  Installation at(3600);
  at.enrol("hall-1", "halls");
  at.enrol("lift-1", "lifts");
  const DeviceTopics own("hall-1"), other("lift-1");
  // The broker learns of the screens within a second; until then the group topic is closed.
  Peer hall(at.mqtt("hall-1"));
  REQUIRE_MESSAGE(hall.connect(), at.log());
  REQUIRE(hall.wait([&] { return at.log().find("hall-1") != std::string::npos; }));
  REQUIRE(hall.link->publish(own.up(Stream::play), as_bytes("x")));
  REQUIRE(hall.link->publish(own.connection(), as_bytes("x"), true));
  REQUIRE(hall.wait([&] { return hall.published == 2; }));
  CHECK(hall.refused.empty());
  for (const std::string& topic :
       {other.up(Stream::play), other.connection(), own.ack(), operator_push_topic("hall-1"),
        operator_push_topic("anna"), group_desired_topic("halls", DocumentKind::schedule)}) {
    hall.refused.clear();
    REQUIRE(hall.link->publish(topic, as_bytes("x")));
    CHECK_MESSAGE(hall.wait([&] { return hall.refused.size() == 1; }), topic);
  }
  CHECK(hall.published == 2);

  at.ca().issue("desired");
  Peer desired(at.mqtt("desired", at.ca().certificate("desired"), at.ca().key("desired")));
  REQUIRE(desired.connect());
  const auto group = [](const char* name) {
    return group_desired_topic(name, DocumentKind::schedule);
  };
  REQUIRE(desired.link->publish(group("halls"), as_bytes("to halls"), true));
  REQUIRE(desired.link->publish(group("lifts"), as_bytes("to lifts"), true));
  REQUIRE(desired.wait([&] { return desired.published == 2; }));
  REQUIRE(hall.link->subscribe(group_desired_filter("lifts")));
  REQUIRE(hall.link->subscribe(group_desired_filter("halls")));
  REQUIRE(hall.wait([&] { return !hall.messages.empty(); }));
  CHECK(hall.messages.front().topic == group("halls"));
  CHECK(hall.messages.size() == 1);
}

TEST_CASE("nobody is thrown out by a stranger who calls himself by the same client id") {
  Installation at(3600);
  at.enrol("hall-1");
  at.enrol("lift-1");
  Peer hall(at.mqtt("hall-1"));
  REQUIRE(hall.connect());
  auto options = at.mqtt("lift-1");
  options.client_id = "hall-1";
  Peer stranger(options);
  REQUIRE(stranger.connect());
  REQUIRE(hall.link->publish(DeviceTopics("hall-1").up(Stream::play), as_bytes("x")));
  CHECK(hall.wait([&] { return hall.published == 1; }));
  CHECK(hall.losses.empty());
}

TEST_CASE("a revoked screen loses the session it has, and its certificate opens no other") {
  Installation at(3600);
  at.enrol("hall-1");
  at.enrol("lift-1");
  Peer hall(at.mqtt("hall-1")), lift(at.mqtt("lift-1"));
  REQUIRE(hall.connect());
  REQUIRE(lift.connect());
  const std::string topic = DeviceTopics("hall-1").up(Stream::play);
  REQUIRE(hall.link->publish(topic, as_bytes("x")));
  REQUIRE(hall.wait([&] { return hall.published == 1; }));

  REQUIRE(at.vitrine({"revoke", "hall-1", "--config", at.at("backend.toml").string()}) == 0);
  // The session stands, but nothing it says is taken.
  const bool refused = until([&] { return !hall.refused.empty() || !hall.losses.empty(); },
                             [&] {
                               if (hall.link->connected())
                                 (void)hall.link->publish(topic, as_bytes("x"));
                               hall.link->poll(20 * kMillisecond);
                             });
  CHECK_MESSAGE(refused, at.log());
  CHECK(hall.losses.empty());
  Peer again(at.mqtt("hall-1"));
  CHECK_FALSE(again.connect());
  REQUIRE(again.losses.size() == 1);
  INFO(again.losses.front());
  // That is the list, read again at SIGHUP: by the ACL alone it could connect.
  CHECK(at.log().find("certificate verify failed") != std::string::npos);
  // Nobody else is any the worse for it.
  Peer other(at.mqtt("lift-1"));
  CHECK_MESSAGE(other.connect(), at.log());
}

TEST_CASE("the door says no in one clear line, to the asker and to the log") {
  Installation at(3600);
  const auto post = [&](const std::string& path, const std::string& body) {
    HttpsPost request;
    request.url = at.url() + path;
    request.body = body;
    request.authority = at.ca().ca();
    auto answer = https_post(request);
    REQUIRE_MESSAGE(answer.ok(), (answer ? "" : answer.error().message));
    return std::make_pair(answer->status, read_refusal(answer->body));
  };
  const auto key = TlsKey::generate();
  const EnrolRequest request{"made-up", key.signing_request("x"), Bytes(32, 1)};
  CHECK(post("/enrol", write_enrol_request(request)) ==
        std::make_pair(403l, std::string("no such token")));
  CHECK(post("/renew", "{").first == 400);
  CHECK(post("/elsewhere", "{}").first == 404);
  CHECK(post("/enrol", std::string(300'000, 'x')).first == 413);
  CHECK(at.log().find("/enrol from 127.0.0.1 is refused: no such token") != std::string::npos);

  // Not by an authority the device does not know.
  HttpsPost foreign;
  foreign.url = at.url() + "/enrol";
  foreign.authority = at.at("other.pem").string();
  REQUIRE(
      write_atomic(foreign.authority,
                   Authority::create("other", 1'000'000'000, 4'000'000'000).certificate().pem()));
  const auto answer = https_post(foreign);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::unavailable);
}

}  // namespace
}  // namespace vitrine
