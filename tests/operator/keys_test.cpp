#include "operator/keys.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "manual_clock.hpp"
#include "operator/push.hpp"
#include "operator/put_reference.hpp"
#include "protocol/documents.hpp"
#include "protocol/envelope.hpp"
#include "protocol/reference.hpp"
#include "state/generation.hpp"
#include "state/paths.hpp"
#include "temp_directory.hpp"

using namespace vitrine;
using namespace vitrine::op;
using vitrine::testing::ManualClock;
using vitrine::testing::TempDirectory;

namespace {

struct Installation {
  TempDirectory directory;
  ManualClock clock;
  KeysOptions options{directory.path(),  "lobby-1",   7,    "Europe/Berlin",
                      {"demo", "lifts"}, "127.0.0.1", 18883};

  Trust trust() const {
    const auto root = read_public_key(directory / "keys/root.pub");
    REQUIRE(root.ok());
    const auto signed_trust =
        verify_with_key(*read_text(directory / "trust.jws"), DocumentKind::trust, *root);
    REQUIRE(signed_trust.ok());
    const auto trust = read_trust(signed_trust->payload);
    REQUIRE(trust.ok());
    return *trust;
  }
};

unsigned mode_of(const fs::path& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777;
}

}  // namespace

TEST_CASE("keys make an installation whose parts verify each other") {
  Installation made;
  REQUIRE(make_keys(made.options, made.clock).ok());
  const auto trust = made.trust();
  const auto* key = trust.find("operator-1");
  REQUIRE(key);
  CHECK(key->public_key ==
        read_private_key(made.directory / "keys/operator.key")->public_key().raw);
  CHECK(trust.find("ingest-1")->kinds.empty());
  CHECK(mode_of(made.directory / "keys") == 0700);
  CHECK(mode_of(made.directory / "keys/root.key") == 0600);

  StatePaths paths;
  paths.root = made.directory / "screens/lobby-1";
  const auto identity = read_device_identity(paths);
  REQUIRE(identity.ok());
  CHECK(identity->screen == "lobby-1");
  CHECK(identity->zone == "Europe/Berlin");
  CHECK(identity->groups == std::vector<std::string>{"demo", "lifts"});
  CHECK(identity->mqtt_port == 18883);
  CHECK(*read_public_key(paths.root_key()) == *read_public_key(made.directory / "keys/root.pub"));
  CHECK(GenerationStore(paths).newest_trust().value() == *read_text(made.directory / "trust.jws"));

  const auto registry = read_registry(*read_text(made.directory / "registry.json"));
  REQUIRE(registry.ok());
  CHECK(registry->find("lobby-1")->proof_key ==
        read_private_key(paths.proof_key())->public_key().raw);
}

TEST_CASE("a second screen shares the keys and has a proof and a QR key of its own") {
  Installation made;
  REQUIRE(make_keys(made.options, made.clock).ok());
  const auto root = *read_text(made.directory / "keys/root.key");
  made.options.screen = "lobby-2";
  REQUIRE(make_keys(made.options, made.clock).ok());
  CHECK(*read_text(made.directory / "keys/root.key") == root);
  CHECK(read_registry(*read_text(made.directory / "registry.json"))->screens.size() == 2);
  for (const std::string key : {"proof.key", "qr.key"}) {
    CHECK(*read_text(made.directory / ("screens/lobby-1/identity/player/" + key)) !=
          *read_text(made.directory / ("screens/lobby-2/identity/player/" + key)));
  }
}

TEST_CASE("a screen that is registered keeps its keys") {
  Installation made;
  REQUIRE(make_keys(made.options, made.clock).ok());
  const auto proof = *read_text(made.directory / "screens/lobby-1/identity/player/proof.key");
  CHECK_FALSE(make_keys(made.options, made.clock).ok());
  CHECK(*read_text(made.directory / "screens/lobby-1/identity/player/proof.key") == proof);
}

TEST_CASE("a name, zone, area or group that cannot be is refused before anything is written") {
  const auto refused = [](auto spoil) {
    Installation made;
    spoil(made.options);
    return !make_keys(made.options, made.clock).ok() &&
           list_directory(made.directory.path()).empty();
  };
  CHECK(refused([](KeysOptions& o) { o.screen = "Lobby 1"; }));
  CHECK(refused([](KeysOptions& o) { o.screen = "../x"; }));
  CHECK(refused([](KeysOptions& o) { o.zone = "Europe/Atlantis"; }));
  CHECK(refused([](KeysOptions& o) { o.area = 0; }));
  CHECK(refused([](KeysOptions& o) { o.groups.clear(); }));
}

TEST_CASE("a prepared schedule passes the rules a screen applies") {
  const TempDirectory directory;
  REQUIRE(write_atomic(directory / "tea.mp4", std::string_view("tea")).ok());
  REQUIRE(write_atomic(
              directory / "week.json",
              std::string_view(R"({"creatives":[{"id":1,"variants":[{"id":1,"file":"tea.mp4"}]}],)"
                               R"("house":[1]})"))
              .ok());
  PushOptions options;
  options.file = directory / "week.json";
  options.files = directory.path();
  const auto prepared = prepare_push(options);
  REQUIRE_MESSAGE(prepared.ok(), prepared.error().message);
  const auto schedule = read_schedule(prepared->payload);
  REQUIRE(schedule.ok());
  CHECK(schedule->content.at(0).media_type == "video/mp4");
  CHECK(prepared->hashes.size() == 1);
}

TEST_CASE(
    "a document that breaks a rule is refused with file, pointer and rule before anything is "
    "signed") {
  const TempDirectory directory;
  REQUIRE(write_atomic(directory / "week.json",
                       std::string_view(R"({"creatives":[],"content":[],"house":[9]})"))
              .ok());
  PushOptions options;
  options.file = directory / "week.json";
  const auto prepared = prepare_push(options);
  REQUIRE_FALSE(prepared.ok());
  CHECK(prepared.error().message ==
        options.file +
            ": schedule: /house/0: names a creative that the schedule does not define, found 9");
}

TEST_CASE("a document larger than a message carries is refused in one line") {
  const TempDirectory directory;
  std::string settings = R"({"origins":[],"extra":{)";
  for (int i = 0; i < 100; ++i)
    settings += "\"k" + std::to_string(i) + "\":\"" + std::string(900, 'x') + "\",";
  settings.back() = '}';
  REQUIRE(write_atomic(directory / "settings.json", settings + "}").ok());
  PushOptions options;
  options.file = directory / "settings.json";
  options.kind = "settings";
  const auto prepared = prepare_push(options);
  REQUIRE_FALSE(prepared.ok());
  CHECK(prepared.error().message.find("a message carries at most 65536") != std::string::npos);
}

TEST_CASE("a schedule larger than a message goes to the origin, and a reference to it is signed") {
  const TempDirectory directory;
  Schedule schedule;
  Creative creative;
  creative.id = 1;
  creative.variants.push_back({1, {}, Hash256{1}});
  schedule.creatives.push_back(creative);
  schedule.content.push_back({Hash256{1}, 10, "image/png", "a"});
  for (CampaignId id = 1; id <= 400; ++id) {
    Campaign campaign;
    campaign.id = id;
    campaign.advertiser = 1;
    campaign.flights.push_back({FlightPhase::launch, 20'000, 20'100, {{1, 1}}});
    schedule.campaigns.push_back(campaign);
  }
  REQUIRE(write_atomic(directory / "week.json", write_schedule(schedule)).ok());
  PushOptions options;
  options.file = directory / "week.json";
  CHECK(prepare_push(options).error().message.find("say with --origin where screens fetch it") !=
        std::string::npos);
  options.origin = directory / "origin";
  const auto prepared = prepare_push(options);
  REQUIRE_MESSAGE(prepared.ok(), (prepared ? "" : prepared.error().message));
  CHECK(prepared->body == write_schedule(schedule));
  const DocumentReference reference = reference_to(prepared->body);
  CHECK(prepared->payload == write_reference(reference));
  REQUIRE(put_reference({options.origin, ""}, prepared->body).ok());
  CHECK(*read_text(fs::path(options.origin) / reference.url) == prepared->body);
}

TEST_CASE(
    "a document that names files without saying where they are gets the advice, not the schema's "
    "complaint") {
  const TempDirectory directory;
  REQUIRE(write_atomic(directory / "week.json",
                       std::string_view(
                           R"({"creatives":[{"id":1,"variants":[{"id":1,"file":"tea.mp4"}]}]})"))
              .ok());
  PushOptions options;
  options.file = directory / "week.json";
  const auto prepared = prepare_push(options);
  REQUIRE_FALSE(prepared.ok());
  CHECK(prepared.error().message.find("--files") != std::string::npos);
}
