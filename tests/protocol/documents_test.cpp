#include "protocol/documents.hpp"

#include <doctest/doctest.h>

#include "platform/crypto.hpp"
#include "protocol/json.hpp"
#include "sample_documents.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

template <class T>
std::string refusal(const Result<T>& document) {
  return document.ok() ? "accepted" : document.error().message;
}

template <class T>
bool mentions(const Result<T>& document, const std::string& words) {
  const auto line = refusal(document);
  CAPTURE(line);
  return !document.ok() && line.find(words) != std::string::npos &&
         line.find('\n') == std::string::npos;
}

const std::string kKey(64, 'c');

std::string sample_trust() {
  return R"({"keys":[{"audiences":["group/demo","*"],"key_id":"operator-1","kinds":["schedule","settings","command"],)"
         R"("most_screens":50,"public_key":")" +
         kKey +
         R"(","role":"operator","valid_from":1000,"valid_until":2000}],"revoked":["operator-0"]})";
}

std::string sample_numbers() {
  return R"({"campaigns":[{"arm":"treated","campaign":41,"creative_weight":[{"creative":1,"weight":9500},)"
         R"({"creative":2,"weight":500}],"first_day":"2026-11-21","goal_milli":[1500,0,250],"phase":999,"price":-3}],)"
         R"("schedule_sha256":")" +
         kKey + R"(","schedule_version":7})";
}

Profile sample_profile() {
  Profile profile;
  profile.area = 12;
  profile.scene = "office";
  profile.venue = "30401";
  profile.zone = "Europe/Berlin";
  profile.group_system = "jd-ten";
  profile.features["rent"] = "high";
  for (auto& hour : profile.hours) {
    hour.share.fill(1000);
    hour.footfall = 4'000'000'000;
    hour.dwell_ms = 12000;
  }
  return profile;
}

}  // namespace

TEST_CASE("settings come back as they were written") {
  Settings settings;
  settings.origins = {"https://127.0.0.1:8443"};
  settings.batch_period_s = 20;
  settings.live = true;
  settings.content_quota_bytes = 9007199254740991ull;
  settings.display_hours.push_back({0x1f, 360, 1380, {}, {}});
  settings.metered = Metered{50'000'000, {{0x7f, 60, 300, {}, {}}}};
  settings.software = SoftwareOrder{"1:1.4.0~rc1-1+b2", {{0x7f, 120, 300, {}, {}}}};
  settings.extra["detector"] = "mog2";
  const auto text = write_settings(settings);
  const auto read = read_settings(text);
  REQUIRE_MESSAGE(read.ok(), refusal(read));
  CHECK(write_settings(*read) == text);
  CHECK(read->batch_period_s == 20);
  CHECK(read->live);
  CHECK(read->content_quota_bytes == 9007199254740991ull);
  CHECK(read->extra.at("detector") == "mog2");
  CHECK(read->display_hours.at(0).until_minute == 1380);
  REQUIRE(read->metered);
  CHECK(read->metered->bytes_day == 50'000'000);
  CHECK(read->metered->hours.at(0).until_minute == 300);
  REQUIRE(read->software);
  CHECK(read->software->version == "1:1.4.0~rc1-1+b2");
  CHECK(read->software->hours.at(0).from_minute == 120);
}

TEST_CASE("settings that say little keep the defaults for the rest") {
  const auto read = read_settings(R"({"origins":[]})");
  REQUIRE(read.ok());
  CHECK(read->batch_period_s == 300);
  CHECK(read->confirm_s == 60);
  CHECK_FALSE(read->metered);
  CHECK_FALSE(read->software);
}

TEST_CASE("a version is digits first and nothing that a shell or a path would take for its own") {
  const auto told = [](const std::string& version) {
    return read_settings(R"({"origins":[],"software":{"version":")" + version + "\"}}").ok();
  };
  for (const std::string good : {"1.4.0", "1.4.0-1", "2:0~a+b", "0"})
    CHECK_MESSAGE(told(good), good);
  for (const std::string bad :
       {"", "v1", "-1", "1.4 0", "1.4/..", "1;reboot", "1$(x)", "1=2", "1_2"})
    CHECK_MESSAGE(!told(bad), bad);
  CHECK(told(std::string(64, '1')));
  CHECK_FALSE(told(std::string(65, '1')));
}

TEST_CASE("an origin is https and nothing but scheme, host and port") {
  for (const std::string origin :
       {"http://a", "https://", "https://a/b", "https://a@b", "https://a?b"}) {
    CAPTURE(origin);
    CHECK(mentions(read_settings(R"({"origins":[")" + origin + "\"]}"), "settings: /origins/0: "));
  }
}

TEST_CASE("trust comes back as it was written") {
  const auto trust = read_trust(sample_trust());
  REQUIRE_MESSAGE(trust.ok(), refusal(trust));
  CHECK(write_trust(*trust) == sample_trust());
  const auto* key = trust->find("operator-1");
  REQUIRE(key);
  CHECK(key->kinds.size() == 3);
  CHECK(key->kinds[1] == DocumentKind::settings);
  CHECK(to_hex(key->public_key) == kKey);
}

TEST_CASE("a role may not be given a kind beyond it") {
  CHECK(
      mentions(read_trust(replaced(sample_trust(), R"("command"])", R"("numbers"])")),
               "trust: /keys/0/kinds: a kind that the role operator may sign, found \"numbers\""));
  CHECK(mentions(read_trust(replaced(sample_trust(), R"("command"])", R"("trust"])")),
                 "/keys/0/kinds"));
  CHECK(mentions(read_trust(replaced(sample_trust(), R"("role":"operator")", R"("role":"ingest")")),
                 "/keys/0/kinds"));
}

TEST_CASE("a key id stands once") {
  auto text = sample_trust();
  const auto entry = text.substr(9, text.find("}]") - 8);
  CHECK(mentions(read_trust(replaced(text, "\"keys\":[", "\"keys\":[" + entry + ",")),
                 "/keys/1/key_id"));
}

TEST_CASE("numbers are written as the canonical text of their values") {
  Numbers numbers;
  numbers.schedule_version = 9'007'199'254'740'991;
  numbers.schedule_sha256[0] = 0xab;
  CHECK(write_numbers(numbers) == write_json(*parse_json(write_numbers(numbers))));
  numbers.campaigns.resize(3);
  numbers.campaigns[0] = {41,  20'780,       {1'500, 0, 86'400'000}, -9'007'199'254'740'991,
                          999, Arm::control, {{1, 9'500}, {2, 500}}};
  numbers.campaigns[1].campaign = 4'294'967'295;
  numbers.campaigns[2].campaign = 43;
  numbers.campaigns[2].arm = Arm::treated;
  const auto text = write_numbers(numbers);
  CHECK(text == write_json(*parse_json(text)));
  const auto read = read_numbers(text);
  REQUIRE_MESSAGE(read.ok(), refusal(read));
  CHECK(write_numbers(*read) == text);
  CHECK(read->campaigns[0].goal_milli == numbers.campaigns[0].goal_milli);
  CHECK(read->campaigns[0].creative_weight.at(1).weight == 500);
  CHECK(read->campaigns[0].arm == Arm::control);
  CHECK(read->campaigns[0].first_day == 20'780);
}

TEST_CASE("numbers come back as they were written") {
  const auto numbers = read_numbers(sample_numbers());
  REQUIRE_MESSAGE(numbers.ok(), refusal(numbers));
  CHECK(write_numbers(*numbers) == sample_numbers());
  CHECK(numbers->campaigns.at(0).price == -3);
  CHECK(numbers->campaigns.at(0).arm == Arm::treated);
  CHECK(numbers->campaigns.at(0).goal_milli == std::vector<std::uint32_t>{1500, 0, 250});
}

TEST_CASE("creative weights sum to 10000 and none is below 500") {
  CHECK(mentions(read_numbers(replaced(sample_numbers(), "9500", "9400")),
                 "numbers: /campaigns/0/creative_weight: weights that sum to 10000, found 9900"));
  CHECK(mentions(read_numbers(replaced(replaced(sample_numbers(), "9500", "9501"), "\"weight\":500",
                                       "\"weight\":499")),
                 "/campaigns/0/creative_weight/1/weight: at least 500, found 499"));
}

TEST_CASE("a profile comes back as it was written, and fits a message") {
  const auto text = write_profile(sample_profile());
  CHECK(text.size() <= kMaxInlinePayload);
  const auto profile = read_profile(text);
  REQUIRE_MESSAGE(profile.ok(), refusal(profile));
  CHECK(write_profile(*profile) == text);
  CHECK(profile->hours[167].footfall == 4'000'000'000);
}

TEST_CASE("the shares of an hour sum to 10000") {
  auto profile = sample_profile();
  profile.hours[5].share[0] = 999;
  CHECK(mentions(read_profile(write_profile(profile)),
                 "profile: /hours/5/share: shares that sum to 10000, found 9999"));
}

TEST_CASE("a profile has exactly 168 hours") {
  auto text = write_profile(sample_profile());
  const auto first = text.find("[{") + 1;
  const auto hour = text.substr(first, text.find("},", first) + 2 - first);
  CHECK(mentions(read_profile(replaced(text, hour, "")), "/hours: "));
}

TEST_CASE("all 64 bits of a nonce, a log id and a boot survive") {
  Command command;
  command.verb = CommandVerb::resend;
  command.boot = {INT64_MIN, -1};
  command.link_nonce = UINT64_MAX;
  command.log_id = 0xfedcba9876543210ull;
  command.first = 1;
  command.last = 20;
  const auto read = read_command(write_command(command));
  REQUIRE_MESSAGE(read.ok(), refusal(read));
  CHECK(read->boot == command.boot);
  CHECK(read->link_nonce == command.link_nonce);
  CHECK(read->log_id == command.log_id);
  CHECK(read->last == 20);
}

TEST_CASE("a resend without its range is refused") {
  Command command;
  command.verb = CommandVerb::resend;
  CHECK(mentions(read_command(write_command(command)), "command: /log_id"));
  command.log_id = 1;
  command.first = 5;
  command.last = 4;
  CHECK(mentions(read_command(write_command(command)), "command: /last"));
}

TEST_CASE("a takeover names a creative it brings along, or withdraws") {
  CHECK(mentions(read_takeover(R"({"creative":3})"), "takeover: /creative: "));
  CHECK(read_takeover(R"({"withdraw":true})").ok());
}

TEST_CASE("the registry knows each screen once, in its own shard") {
  Registry registry;
  RegisteredScreen screen;
  screen.screen = "lobby-1";
  screen.area = 3;
  screen.zone = "Europe/Berlin";
  screen.groups = {"demo"};
  screen.shard = shard_of("lobby-1");
  screen.proof_key.fill(7);
  registry.screens.push_back(screen);
  const auto read = read_registry(write_registry(registry));
  REQUIRE_MESSAGE(read.ok(), refusal(read));
  CHECK(read->find("lobby-1")->proof_key == screen.proof_key);

  registry.screens.push_back(screen);
  CHECK(
      mentions(read_registry(write_registry(registry)), "/screens/1/screen: each may stand once"));
  registry.screens.pop_back();
  registry.screens[0].shard = (screen.shard + 1) % kShards;
  CHECK(mentions(read_registry(write_registry(registry)), "/screens/0/shard"));
}

TEST_CASE("what a screen reports of itself comes back as it was written") {
  Reported reported;
  reported.generation_confirmed = 3;
  reported.documents.push_back(
      {"schedule", "group/demo", 41, ApplyState::refused, "sha256 differs; keeping 40"});
  reported.rejected_creatives.push_back({kKey, false, "no frames"});
  const auto text = write_reported(reported);
  const auto read = read_reported(text);
  REQUIRE_MESSAGE(read.ok(), refusal(read));
  CHECK(write_reported(*read) == text);
  CHECK(read->documents.at(0).state == ApplyState::refused);

  Connection connection{true, {5, 6}, 7, "0.1.0"};
  const auto birth = read_connection(write_connection(connection));
  REQUIRE(birth.ok());
  CHECK(birth->online);
  CHECK(birth->boot == connection.boot);
}

TEST_CASE("a push reply comes back as it was written") {
  const auto reply = read_push_reply(
      write_push_reply({"schedule", "group/demo", 3, false, "version 3 is not above 3"}));
  REQUIRE(reply.ok());
  CHECK_FALSE(reply->accepted);
  CHECK(reply->version == 3);
  CHECK(reply->reason == "version 3 is not above 3");
}

TEST_CASE("bytes that are no UTF-8 in an error text do not spoil the report") {
  Reported reported;
  reported.documents.push_back(
      {"schedule", "group/demo", 1, ApplyState::refused, "file \xff\xfe broken"});
  CHECK(read_reported(write_reported(reported)).ok());
}

TEST_CASE("a command's reply comes back, and one that would not fit a message is refused") {
  CommandReply reply{sha256(as_bytes("command")), CommandVerb::logs, true, "one\ntwo \"x\""};
  const auto read = read_command_reply(write_command_reply(reply));
  REQUIRE(read.ok());
  CHECK(read->command == reply.command);
  CHECK(read->verb == CommandVerb::logs);
  CHECK(read->done);
  CHECK(read->text == reply.text);
  reply.text = std::string(kMostReplyText, 'x');
  CHECK(read_command_reply(write_command_reply(reply)).ok());
  reply.text += "x";
  CHECK_FALSE(read_command_reply(write_command_reply(reply)).ok());
  // 30,000 characters of three bytes each: few enough characters, too many bytes.
  std::string wide;
  for (int i = 0; i < 30'000; ++i) wide += "\xe4\xb8\xad";
  reply.text = wide;
  CHECK_FALSE(read_command_reply(write_command_reply(reply)).ok());
}

TEST_CASE("an order about a rollout names what it is about") {
  const auto read =
      read_rollout_order(write_rollout_order({RolloutVerb::abort, DocumentKind::settings, 41}));
  REQUIRE(read.ok());
  CHECK(read->rollout == RolloutVerb::abort);
  CHECK(read->kind == DocumentKind::settings);
  CHECK(read->version == 41);
  CHECK_FALSE(read_rollout_order(R"({"rollout":"resume","kind":"schedule"})").ok());
  CHECK_FALSE(read_rollout_order(R"({"rollout":"resume","kind":"trust","version":1})").ok());
}
