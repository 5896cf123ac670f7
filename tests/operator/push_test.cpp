// The `vitrine` program itself against a real broker, with the test playing server and screen.
#include <doctest/doctest.h>

#include "broker.hpp"
#include "mqtt/transport.hpp"
#include "platform/crypto.hpp"
#include "platform/file.hpp"
#include "process.hpp"
#include "protocol/documents.hpp"
#include "protocol/envelope.hpp"
#include "protocol/topics.hpp"
#include "temp_directory.hpp"

namespace vitrine {
namespace {

using testing::Broker;
using testing::Process;
using testing::TempDirectory;
using testing::until;

const Audience kGroup{Audience::Kind::group, "demo"};

// Answers pushes as the server does, and reports as a screen does.
struct OtherSide {
  TempDirectory directory;
  Broker broker;
  std::unique_ptr<MqttTransport> link;
  PrivateKey key = PrivateKey::generate();
  bool subscribed = false;
  std::string pushed;

  OtherSide() {
    broker.start();
    MqttOptions options;
    options.port = broker.port();
    options.client_id = "desired";
    link = make_mosquitto_transport(options);
    MqttTransport::Handlers handlers;
    handlers.connected = [this] {
      subscribed = link->subscribe(std::string(kOperatorPushFilter)).ok();
    };
    handlers.message = [this](const MqttMessage& message) { pushed = as_text(message.payload); };
    link->set_handlers(std::move(handlers));
    REQUIRE(link->connect().ok());
    REQUIRE(until([&] { return subscribed; }, [&] { link->poll(kMillisecond); }));
    REQUIRE(write_private_key(directory / "operator.key", key).ok());
    REQUIRE(write_atomic(directory / "tea.mp4", std::string_view("tea")).ok());
    REQUIRE(write_atomic(directory / "week.json",
                         std::string_view(
                             R"({"creatives":[{"id":1,"variants":[{"id":1,"file":"tea.mp4"}]}],)"
                             R"("house":[1]})"))
                .ok());
  }

  std::unique_ptr<Process> push(const std::string& wait_s) {
    return std::make_unique<Process>(
        std::vector<std::string>{VITRINE_PROGRAM,
                                 "push",
                                 directory / "week.json",
                                 "--to",
                                 "group/demo",
                                 "--version",
                                 "41",
                                 "--key",
                                 directory / "operator.key",
                                 "--key-id",
                                 "operator-1",
                                 "--operator",
                                 "anna",
                                 "--broker",
                                 "127.0.0.1:" + std::to_string(broker.port()),
                                 "--files",
                                 directory.path(),
                                 "--origin",
                                 directory / "origin",
                                 "--wait",
                                 wait_s},
        directory / "push.log");
  }
  void await_push() {
    REQUIRE(until([&] { return !pushed.empty(); }, [&] { link->poll(kMillisecond); }));
  }
  void reply(bool accepted, const std::string& reason = "") {
    const auto text = write_push_reply({"schedule", "group/demo", 41, accepted, reason});
    REQUIRE(link->publish(operator_reply_topic("anna"), as_bytes(text)).ok());
  }
  void report(ApplyState state, const std::string& error = "") {
    Reported reported;
    reported.documents.push_back({"schedule", "group/demo", 41, state, error});
    REQUIRE(
        link->publish(DeviceTopics("lobby-1").reported(), as_bytes(write_reported(reported)), true)
            .ok());
  }
  bool says(const std::string& words) const {
    const auto log = read_text(directory / "push.log");
    return log.ok() && log->find(words) != std::string::npos;
  }
  void await_line(const std::string& words) {
    CAPTURE(words);
    CHECK(until([&] { return says(words); }, [&] { link->poll(kMillisecond); }));
  }
  int await_end(Process& process) {
    REQUIRE(until([&] { return !process.running(); }, [&] { link->poll(kMillisecond); }));
    return process.wait();
  }
};

}  // namespace

TEST_CASE(
    "a push puts the creatives first, signs, is accepted, and follows the screen to confirmed") {
  OtherSide other;
  auto push = other.push("30");
  other.await_push();
  const auto document =
      verify_with_key(other.pushed, DocumentKind::schedule, other.key.public_key());
  REQUIRE(document.ok());
  CHECK(document->header.version == 41);
  CHECK(document->header.expires_at - document->header.issued_at == 30 * 86400);
  const auto schedule = read_schedule(document->payload);
  REQUIRE(schedule.ok());
  CHECK(*read_text(other.directory / "origin" / schedule->content.at(0).path) == "tea");

  other.reply(true);
  for (const auto state : {ApplyState::received, ApplyState::offered, ApplyState::confirmed})
    other.report(state);
  other.await_line("schedule 41 for group/demo accepted\n");
  other.await_line("lobby-1: schedule 41 confirmed\nschedule 41: 1 of 1 screens confirmed\n");
  CHECK(other.await_end(*push) == 0);
}

TEST_CASE("a push that the server refuses ends with 1 and the server's reason") {
  OtherSide other;
  auto push = other.push("30");
  other.await_push();
  other.reply(false, "version 41 is not above 41");
  CHECK(other.await_end(*push) == 1);
  CHECK(
      other.says("vitrine push: schedule 41 for group/demo refused: version 41 is not above 41\n"));
}

TEST_CASE("a push that a screen refuses ends with 1 and the screen's reason") {
  OtherSide other;
  auto push = other.push("30");
  other.await_push();
  other.reply(true);
  other.report(ApplyState::refused, "none of its creatives is eligible; keeping 40");
  CHECK(other.await_end(*push) == 1);
  CHECK(
      other.says("lobby-1: schedule 41 refused: none of its creatives is eligible; keeping 40\n"));
}

TEST_CASE("a push that no screen confirms in time ends with 2 and names the screen") {
  OtherSide other;
  auto push = other.push("1");
  other.await_push();
  other.reply(true);
  other.report(ApplyState::content);
  CHECK(other.await_end(*push) == 2);
  CHECK(other.says("0 of 1 screens confirmed, 1 on their way (lobby-1: content) within 1 s\n"));
}

TEST_CASE("a broker that is not there is one clear line, and nothing was published") {
  OtherSide other;
  other.broker.kill();
  auto push = other.push("0");
  CHECK(other.await_end(*push) == 1);
  CHECK(other.says("; nothing was published\n"));
}

}  // namespace vitrine
