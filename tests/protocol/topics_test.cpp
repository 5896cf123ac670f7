#include "protocol/topics.hpp"

#include <doctest/doctest.h>

#include "protocol/registry.hpp"

namespace vitrine {
namespace {

TEST_CASE("a topic of a screen can be taken apart again") {
  const DeviceTopics topics("lobby-1");
  const std::string shard = std::to_string(shard_of("lobby-1"));
  CHECK(topics.up(Stream::play) == "vt/v1/" + shard + "/lobby-1/up/play");
  CHECK(topics.desired(DocumentKind::schedule) ==
        "vt/v1/" + shard + "/lobby-1/down/desired/schedule");
  for (const std::string& topic :
       {topics.up_back(), topics.connection(), topics.reported(), topics.ack()}) {
    const auto parsed = parse_device_topic(topic);
    REQUIRE(parsed);
    CHECK(parsed->device == "lobby-1");
    CHECK(topic.ends_with("/" + parsed->leaf));
  }
}

TEST_CASE("a topic of another shape, shard or name belongs to no screen") {
  const std::string shard = std::to_string(shard_of("lobby-1"));
  const std::string other = std::to_string((shard_of("lobby-1") + 1) % kShards);
  for (const std::string& topic :
       {std::string(), std::string("vt/v1/"), "vt/v1/" + shard + "/lobby-1",
        "vt/v1/" + shard + "/lobby-1/", "vt/v2/" + shard + "/lobby-1/up/play",
        "vt/v1/" + other + "/lobby-1/up/play", "vt/v1/0" + shard + "/lobby-1/up/play",
        "vt/v1/" + shard + "/Lobby/up/play", "vt/v1/" + shard + "//up/play",
        std::string("vt/v1/g/demo/desired/schedule")}) {
    INFO(topic);
    CHECK_FALSE(parse_device_topic(topic));
  }
}

TEST_CASE("a document goes to the topic of its audience") {
  CHECK(desired_topic({Audience::Kind::group, "lifts"}, DocumentKind::settings) ==
        "vt/v1/g/lifts/desired/settings");
  CHECK(desired_topic({Audience::Kind::screen, "lobby-1"}, DocumentKind::numbers) ==
        DeviceTopics("lobby-1").desired(DocumentKind::numbers));
}

TEST_CASE("the operator is read from the push topic") {
  CHECK(parse_push_topic(operator_push_topic("anna")) == "anna");
  CHECK_FALSE(parse_push_topic("vt/v1/op/anna/reply"));
  CHECK_FALSE(parse_push_topic("vt/v1/op//push"));
  CHECK_FALSE(parse_push_topic("vt/v1/op/a/b/push"));
}

}  // namespace
}  // namespace vitrine
