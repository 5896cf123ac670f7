#include "backflow/rollout.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "backend_kit.hpp"
#include "backflow/desired.hpp"
#include "protocol/topics.hpp"
#include "sanitized.hpp"

namespace vitrine {
namespace {

using Stand = RolloutScreen::Stand;
using testing::BackendKit;
using testing::kNow;

std::vector<std::string> names(std::size_t count) {
  std::vector<std::string> made;
  for (std::size_t i = 0; i < count; ++i) made.push_back("s-" + std::to_string(i));
  return made;
}

Rollout fresh(std::uint64_t version = 41) {
  Rollout rollout;
  rollout.audience = {Audience::Kind::group, "demo"};
  rollout.version = version;
  rollout.rules.rings = {1, 10, 100};
  rollout.rules.soak_s = 60;
  return rollout;
}

std::vector<RolloutScreen> living(const std::vector<std::string>& of, Stand stand) {
  std::vector<RolloutScreen> screens;
  for (const std::string& name : of) screens.push_back({name, true, stand, ""});
  return screens;
}

TEST_CASE("a ring has its share of the screens, at least one, and lies within the next") {
  for (const std::size_t count : {1u, 2u, 7u, 40u, 1000u}) {
    std::set<std::string> inner;
    for (const std::uint32_t percent : {1u, 10u, 50u, 100u}) {
      const auto ring = screens_of_ring(names(count), 41, percent);
      CHECK(ring.size() == std::max<std::size_t>(1, (count * percent + 99) / 100));
      const std::set<std::string> members(ring.begin(), ring.end());
      CHECK(members.size() == ring.size());
      CHECK(std::includes(members.begin(), members.end(), inner.begin(), inner.end()));
      inner = members;
    }
    CHECK(inner.size() == count);
  }
}

TEST_CASE("the same screens each look, others for another version, whatever the order") {
  auto backwards = names(200);
  std::reverse(backwards.begin(), backwards.end());
  CHECK(screens_of_ring(names(200), 41, 5) == screens_of_ring(backwards, 41, 5));
  std::map<std::string, int> first;
  for (std::uint64_t version = 1; version <= 200; ++version)
    ++first[screens_of_ring(names(200), version, 1).front()];
  CHECK(first.size() > 100);  // 126 expected of 200 draws
  for (const auto& [screen, times] : first) CHECK(times < 10);
}

TEST_CASE("the next ring opens when all living screens are well and have been for the soak") {
  const auto all = names(40);
  Rollout rollout = advance(fresh(), living(all, Stand::behind), 1000);
  CHECK(rollout.ring == 0);
  CHECK(rollout.well_since_s == 0);
  const auto well = living(all, Stand::confirmed);
  rollout = advance(rollout, well, 1000);
  CHECK(rollout.well_since_s == 1000);
  CHECK(advance(rollout, well, 1059).ring == 0);
  rollout = advance(rollout, well, 1060);
  CHECK(rollout.ring == 1);
  CHECK(rollout.status == RolloutStatus::running);
  rollout = advance(rollout, well, 1060);
  rollout = advance(rollout, well, 1120);
  CHECK(rollout.status == RolloutStatus::done);
}

TEST_CASE("the soak begins anew when a screen is not well in between") {
  const auto all = names(40);
  Rollout rollout = advance(fresh(), living(all, Stand::confirmed), 1000);
  rollout = advance(rollout, living(all, Stand::behind), 1030);
  rollout = advance(rollout, living(all, Stand::confirmed), 1040);
  CHECK(advance(rollout, living(all, Stand::confirmed), 1090).ring == 0);
  CHECK(advance(rollout, living(all, Stand::confirmed), 1100).ring == 1);
}

TEST_CASE("silent screens count neither way, but a ring of silent screens never opens the next") {
  const auto ring = screens_of_ring(names(40), 41, 10);
  auto screens = living(names(40), Stand::behind);
  Rollout rollout = fresh();
  rollout.ring = 1;
  for (RolloutScreen& screen : screens) screen.living = false;
  rollout = advance(rollout, screens, 1000);
  CHECK(advance(rollout, screens, 5000).ring == 1);
  for (RolloutScreen& screen : screens) {
    if (screen.screen != ring[2]) continue;
    screen.living = true;
    screen.stand = Stand::confirmed;
  }
  rollout = advance(rollout, screens, 5000);
  CHECK(advance(rollout, screens, 5060).status == RolloutStatus::done);
}

TEST_CASE("a refusal above the limit stops it; an operator may go on or end it") {
  const auto ring = screens_of_ring(names(40), 41, 1);
  auto screens = living(names(40), Stand::behind);
  for (RolloutScreen& screen : screens) {
    if (screen.screen == ring[0]) screen = {ring[0], true, Stand::refused, "sha256 differs"};
  }
  Rollout rollout = advance(fresh(), screens, 1000);
  CHECK(rollout.status == RolloutStatus::stopped);
  CHECK(rollout.reason == "1 of 1 screens refuse it (" + ring[0] + ": sha256 differs), 0 may");
  CHECK(advance(rollout, living(names(40), Stand::confirmed), 9000).ring == 0);
  SUBCASE("resume") {
    CHECK(resume(rollout, screens).ok());
    rollout = advance(rollout, screens, 2000);
    CHECK(rollout.status == RolloutStatus::running);
    CHECK_FALSE(resume(rollout, screens).ok());
  }
  SUBCASE("abort") {
    CHECK(abort(rollout, "anna").ok());
    CHECK(rollout.reason == "by anna");
    CHECK_FALSE(abort(rollout, "anna").ok());
    CHECK_FALSE(resume(rollout, screens).ok());
  }
  SUBCASE("a limit of one") {
    Rollout patient = fresh();
    patient.rules.most_rejects = 1;
    CHECK(advance(patient, screens, 1000).status == RolloutStatus::running);
  }
}

TEST_CASE("whatever screens say, and in whatever order, no ring opens that was not earned") {
  std::mt19937 random(7);
  for (int round = 0; round < (testing::kSanitized ? 60 : 300); ++round) {
    const auto all = names(1 + random() % 60);
    Rollout rollout = fresh(random());
    rollout.rules.most_rejects = random() % 3;
    rollout.rules.soak_s = random() % 50;
    auto screens = living(all, Stand::behind);
    std::int64_t now = 1000;
    std::size_t ring = 0;
    std::int64_t well_since = 0;
    for (int step = 0; step < 200; ++step) {
      now += random() % 20;
      RolloutScreen& changed = screens[random() % screens.size()];
      changed.living = random() % 4 != 0;
      changed.stand = random() % 20 == 0  ? Stand::refused
                      : random() % 3 == 0 ? Stand::behind
                                          : Stand::confirmed;
      const auto open = screens_of_ring(all, rollout.version, rollout.rules.rings[ring]);
      std::size_t confirmed = 0, refused = 0, behind = 0;
      for (const RolloutScreen& screen : screens) {
        if (!screen.living || std::find(open.begin(), open.end(), screen.screen) == open.end())
          continue;
        confirmed += screen.stand == Stand::confirmed ? 1 : 0;
        refused += screen.stand == Stand::refused ? 1 : 0;
        behind += screen.stand == Stand::behind ? 1 : 0;
      }
      const bool well = behind == 0 && confirmed > 0 && refused <= rollout.rules.most_rejects;
      if (!well) well_since = 0;
      if (well && well_since == 0) well_since = now;
      const Rollout next = advance(rollout, screens, now);
      CHECK((next.ring == ring || next.ring == ring + 1));
      if (next.ring != ring) {
        CHECK(well);
        CHECK(now - well_since >= rollout.rules.soak_s);
        well_since = 0;
      }
      if (refused > rollout.rules.most_rejects) CHECK(next.status == RolloutStatus::stopped);
      rollout = next;
      ring = rollout.ring;
      // And it is the same after a restart.
      if (step % 50 == 0) {
        const BackendKit kit;
        const auto again = read_rollout(write_rollout(rollout, kit.settings(3)));
        REQUIRE(again.ok());
        CHECK(again->rollout.ring == rollout.ring);
        CHECK(again->rollout.status == rollout.status);
        CHECK(again->rollout.well_since_s == rollout.well_since_s);
        CHECK(again->rollout.forgiven == rollout.forgiven);
        CHECK(again->rollout.reason == rollout.reason);
      }
      if (rollout.status != RolloutStatus::running) break;
    }
  }
}

TEST_CASE("rings rise to 100 percent or are refused") {
  CHECK(check_rings({100}).ok());
  CHECK(check_rings({1, 10, 100}).ok());
  for (const std::vector<std::uint32_t>& bad :
       std::vector<std::vector<std::uint32_t>>{{}, {0, 100}, {10}, {10, 10, 100}, {100, 10}, {101}})
    CHECK_FALSE(check_rings(bad).ok());
}

// --- desired with rings

struct Network : BackendKit {
  RolloutRules rules{{10, 50, 100}, 60, 0};
  std::optional<Desired> desired;

  Network() {
    trust.keys[1].kinds.push_back(DocumentKind::command);
    REQUIRE(write_atomic(root() / "trust.jws", signed_trust(1)));
    registry.screens.clear();
    for (int i = 0; i < 10; ++i) registry.screens.push_back(screen("s-" + std::to_string(i)));
    open();
    for (const RegisteredScreen& one : registry.screens) desired->on_birth(one, 0);
  }
  void open() {
    auto read = read_verified_trust(root() / "trust.jws", root() / "root.pub");
    REQUIRE(read);
    auto opened = Desired::open(root() / "archive", *read, root_key.public_key(), rules);
    REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message));
    desired.emplace(*std::move(opened));
  }
  Desired::Verdict push(const std::string& jws) {
    return desired->push(jws, kNow, registry, "anna");
  }
  std::vector<RetainedDocument> report(const std::string& name, std::uint64_t version,
                                       ApplyState state, const std::string& error = "") {
    Reported reported;
    reported.generation_offered = 1;
    reported.documents.push_back({"settings", "group/demo", version, state, error});
    return desired->on_reported(*registry.find(name), reported, ++now_ * kMinute);
  }
  std::string order(RolloutVerb verb, std::uint64_t version, std::uint64_t number) const {
    return sign_document({DocumentKind::command,
                          {Audience::Kind::group, "demo"},
                          "operator-1",
                          number,
                          kNow,
                          kNow + 60},
                         write_rollout_order({verb, DocumentKind::settings, version}),
                         operator_key);
  }
  // Screens whose own topic holds `jws`.
  static std::set<std::string> holders(const std::vector<RetainedDocument>& documents,
                                       const std::string& jws) {
    std::set<std::string> found;
    for (const RetainedDocument& document : documents) {
      const auto topic = parse_device_topic(document.topic);
      if (topic && document.jws == jws) found.insert(topic->device);
    }
    return found;
  }
  static bool holds(const std::vector<RetainedDocument>& documents, const std::string& topic,
                    const std::string& jws) {
    return std::any_of(documents.begin(), documents.end(), [&](const RetainedDocument& document) {
      return document.topic == topic && document.jws == jws;
    });
  }
  Micros now_ = 0;
};

const std::string kGroupTopic = group_desired_topic("demo", DocumentKind::settings);

TEST_CASE("a document goes to a ring's screens, to more when those are well, and then to all") {
  Network network;
  const std::string jws = network.settings(3);
  const auto pushed = network.push(jws);
  INFO(pushed.reply.reason);
  REQUIRE(pushed.reply.accepted);
  CHECK(pushed.reply.reason.find("ring 1 of 3 (1 of 10 screens)") == 0);
  const auto first = Network::holders(pushed.retain, jws);
  CHECK(first.size() == 1);
  CHECK_FALSE(Network::holds(pushed.retain, kGroupTopic, jws));
  CHECK(network.desired->advance_rollouts(network.registry, kNow).retain.empty());

  network.report(*first.begin(), 3, ApplyState::confirmed);
  CHECK(network.desired->advance_rollouts(network.registry, kNow + 1).retain.empty());
  network.open();  // a restart of the backend goes on where it was
  for (const auto& one : network.registry.screens) network.desired->on_birth(one, 0);
  network.report(*first.begin(), 3, ApplyState::confirmed);
  auto progress = network.desired->advance_rollouts(network.registry, kNow + 61);
  const auto second = Network::holders(progress.retain, jws);
  CHECK(second.size() == 5);
  CHECK(second.count(*first.begin()) == 1);
  REQUIRE(progress.tell.size() == 1);
  CHECK(progress.tell[0].first == "anna");
  CHECK(progress.tell[0].second.accepted);

  for (const std::string& one : second) network.report(one, 3, ApplyState::confirmed);
  (void)network.desired->advance_rollouts(network.registry, kNow + 62);
  progress = network.desired->advance_rollouts(network.registry, kNow + 122);
  CHECK(Network::holds(progress.retain, kGroupTopic, jws));
  CHECK(Network::holders(progress.retain, "").size() == 5);  // their copies are cleared
  const auto everything = network.desired->everything(network.registry);
  CHECK(Network::holds(everything, kGroupTopic, jws));
  CHECK(Network::holders(everything, jws).empty());
}

TEST_CASE("a screen of a ring that refuses it stops it, and nothing further goes out") {
  Network network;
  REQUIRE(network.push(network.settings(2)).reply.accepted);
  const std::string jws = network.settings(3);
  const auto first = Network::holders(network.push(jws).retain, jws);
  network.report(*first.begin(), 3, ApplyState::refused, "no playable slot");
  auto progress = network.desired->advance_rollouts(network.registry, kNow + 100);
  CHECK(progress.retain.empty());
  REQUIRE(progress.tell.size() == 1);
  CHECK_FALSE(progress.tell[0].second.accepted);
  CHECK(progress.tell[0].second.reason.find("no playable slot") != std::string::npos);
  network.report(*first.begin(), 3, ApplyState::confirmed);
  CHECK(network.desired->advance_rollouts(network.registry, kNow + 900).retain.empty());

  SUBCASE("it is shown") {
    const auto shown = network.push(network.order(RolloutVerb::show, 3, 1));
    CHECK(shown.reply.accepted);
    CHECK(shown.reply.reason.find("stopped in ring 1 of 3") == 0);
  }
  SUBCASE("resumed it goes on; the same order again does nothing") {
    CHECK(network.push(network.order(RolloutVerb::resume, 3, 5)).reply.accepted);
    CHECK_FALSE(network.push(network.order(RolloutVerb::resume, 3, 5)).reply.accepted);
    (void)network.desired->advance_rollouts(network.registry, kNow + 1000);
    progress = network.desired->advance_rollouts(network.registry, kNow + 1060);
    CHECK(Network::holders(progress.retain, jws).size() == 5);
  }
  SUBCASE("aborted its copies go, its version stays used") {
    const auto aborted = network.push(network.order(RolloutVerb::abort, 3, 5));
    CHECK(aborted.reply.accepted);
    CHECK(Network::holders(aborted.retain, "") == first);
    CHECK_FALSE(network.push(jws).reply.accepted);
    CHECK_FALSE(network.push(network.settings(3, 33)).reply.accepted);
    CHECK(network.push(network.settings(4)).reply.accepted);
    network.open();
    CHECK_FALSE(network.push(network.settings(3, 34)).reply.accepted);
  }
  SUBCASE("an order of another version or by nobody does nothing") {
    CHECK_FALSE(network.push(network.order(RolloutVerb::resume, 2, 5)).reply.accepted);
    std::string bent = network.order(RolloutVerb::resume, 3, 5);
    bent[bent.size() / 2] = bent[bent.size() / 2] == 'A' ? 'B' : 'A';
    CHECK_FALSE(network.push(bent).reply.accepted);
    CHECK(network.desired->advance_rollouts(network.registry, kNow + 5000).retain.empty());
  }
}

TEST_CASE("a broker that forgot gets ring copies and the others' version again") {
  Network network;
  network.rules.rings = {100};
  network.open();
  const std::string before = network.settings(2);
  REQUIRE(network.push(before).reply.accepted);
  network.rules.rings = {10, 50, 100};
  network.open();
  const std::string jws = network.settings(3);
  const auto first = Network::holders(network.push(jws).retain, jws);
  REQUIRE(first.size() == 1);
  const auto everything = network.desired->everything(network.registry);
  CHECK(Network::holders(everything, jws) == first);
  CHECK(Network::holds(everything, kGroupTopic, before));
  for (const RegisteredScreen& screen : network.registry.screens) {
    const auto missing = network.desired->on_birth(screen, kHour);
    REQUIRE(missing.size() == 1);
    CHECK(missing[0].jws == (first.count(screen.screen) == 1 ? jws : before));
  }
}

TEST_CASE("a screen with a document of its own is in no ring, and its topic is left alone") {
  Network network;
  network.trust.keys[1].audiences = {"*"};
  REQUIRE(network.push(network.signed_trust(2)).reply.accepted);
  for (int i = 0; i < 9; ++i) {
    const Audience own{Audience::Kind::screen, "s-" + std::to_string(i)};
    REQUIRE(network.push(network.settings(1, 20, own)).reply.accepted);
  }
  const auto pushed = network.push(network.settings(3));
  REQUIRE(pushed.reply.accepted);
  // One screen is left, and it is everybody.
  CHECK(Network::holds(pushed.retain, kGroupTopic, network.settings(3)));
  for (int i = 0; i < 9; ++i) {
    const std::string topic =
        DeviceTopics("s-" + std::to_string(i)).desired(DocumentKind::settings);
    for (const RetainedDocument& document : pushed.retain) CHECK(document.topic != topic);
  }
}

TEST_CASE("above its most screens a key needs a second one") {
  Network network;
  network.rules.rings = {100};
  network.trust.keys[1].most_screens = 9;
  const PrivateKey second = PrivateKey::from_seed({9});
  TrustedKey other = network.trust.keys[1];
  other.key_id = "operator-2";
  other.public_key = second.public_key().raw;
  network.trust.keys.push_back(other);
  network.open();
  REQUIRE(network.push(network.signed_trust(2)).reply.accepted);
  const auto alone = network.push(network.settings(3));
  CHECK_FALSE(alone.reply.accepted);
  CHECK(alone.reply.reason.find("group/demo has 10 screens, operator-1 reaches 9 alone") == 0);
  const auto both = network.push(*countersign_document(network.settings(3), "operator-2", second));
  INFO(both.reply.reason);
  CHECK(both.reply.accepted);
  network.registry.screens.pop_back();
  CHECK(network.push(network.settings(4)).reply.accepted);
}

TEST_CASE("what a revoked key signed is cleared, not said again, and its rollout ends") {
  Network network;
  REQUIRE(
      network.push(network.settings(1, 20, {Audience::Kind::screen, "lobby-1"})).reply.accepted);
  const std::string jws = network.settings(3);
  const auto first = Network::holders(network.push(jws).retain, jws);
  network.trust.revoked = {"operator-1"};
  const auto verdict = network.push(network.signed_trust(2));
  REQUIRE(verdict.reply.accepted);
  CHECK(
      Network::holds(verdict.retain, DeviceTopics("lobby-1").desired(DocumentKind::settings), ""));
  CHECK(Network::holders(verdict.retain, "").count(*first.begin()) == 1);
  for (const RetainedDocument& document : network.desired->everything(network.registry))
    CHECK(document.jws.find(jws) == std::string::npos);
  for (const RegisteredScreen& screen : network.registry.screens) {
    for (const RetainedDocument& document : network.desired->on_birth(screen, kHour))
      CHECK(document.topic.ends_with("/desired/trust"));
  }
  CHECK_FALSE(network.push(network.signed_trust(1)).reply.accepted);  // trust never goes back
}

TEST_CASE("a command is passed on to its one screen and retained nowhere") {
  Network network;
  network.trust.keys[1].audiences = {"*"};
  REQUIRE(network.push(network.signed_trust(2)).reply.accepted);
  Command body;
  body.verb = CommandVerb::logs;
  const auto command = [&](const std::string& screen, std::int64_t expires) {
    return sign_document(
        {DocumentKind::command, {Audience::Kind::screen, screen}, "operator-1", 1, kNow, expires},
        write_command(body), network.operator_key);
  };
  const auto verdict = network.push(command("s-3", kNow + 60));
  INFO(verdict.reply.reason);
  REQUIRE(verdict.reply.accepted);
  CHECK(verdict.retain.empty());
  REQUIRE(verdict.pass_on.has_value());
  CHECK(verdict.pass_on->topic == DeviceTopics("s-3").command());
  CHECK_FALSE(network.push(command("s-99", kNow + 60)).reply.accepted);
  CHECK_FALSE(network.push(command("s-3", 0)).reply.accepted);
  CHECK_FALSE(network.push(command("s-3", kNow - 1)).reply.accepted);
  for (const RetainedDocument& document : network.desired->everything(network.registry))
    CHECK(document.topic.find("/down/cmd") == std::string::npos);
}

}  // namespace
}  // namespace vitrine
