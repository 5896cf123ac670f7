#include "backflow/desired.hpp"

#include <doctest/doctest.h>

#include "backend_kit.hpp"
#include "protocol/reference.hpp"
#include "protocol/topics.hpp"

namespace vitrine {
namespace {

using testing::BackendKit;
using testing::kNow;

Desired open_desired(const BackendKit& kit) {
  auto trust = read_verified_trust(kit.root() / "trust.jws", kit.root() / "root.pub");
  REQUIRE(trust);
  auto desired = Desired::open(kit.root() / "archive", *trust, kit.root_key.public_key());
  REQUIRE(desired);
  return *std::move(desired);
}

std::string reason(Desired& desired, const std::string& jws) {
  const auto verdict = desired.push(jws, kNow);
  CHECK_FALSE(verdict.reply.accepted);
  CHECK(verdict.retain.empty());
  return verdict.reply.reason;
}

TEST_CASE("an accepted push is archived, retained under its audience, and known after a restart") {
  const BackendKit kit;
  const std::string jws = kit.settings(3);
  {
    Desired desired = open_desired(kit);
    const auto verdict = desired.push(jws, kNow);
    INFO(verdict.reply.reason);
    REQUIRE(verdict.reply.accepted);
    CHECK(verdict.reply.kind == "settings");
    CHECK(verdict.reply.audience == "group/demo");
    CHECK(verdict.reply.version == 3);
    REQUIRE(verdict.retain.size() == 1);
    CHECK(verdict.retain[0].topic == "vt/v1/g/demo/desired/settings");
    CHECK(verdict.retain[0].jws == jws);
  }
  const auto archived =
      read_text(kit.root() / "archive" / "by-hash" / (to_hex(sha256(as_bytes(jws))) + ".jws"));
  REQUIRE(archived);
  CHECK(*archived == jws);
  Desired again = open_desired(kit);
  REQUIRE(again.everything().size() == 1);
  CHECK(again.everything()[0].jws == jws);
  CHECK(reason(again, kit.settings(2)).find("version 2 is not above 3") == 0);
}

TEST_CASE(
    "a reference is accepted by its form, without a look at its body, and never for settings") {
  const BackendKit kit;
  Desired desired = open_desired(kit);
  const DocumentReference reference{"documents/large", Hash256{7}, 1'200'000};
  const auto sign = [&](DocumentKind kind, std::uint64_t version, const std::string& payload) {
    return sign_document({kind, {Audience::Kind::group, "demo"}, "operator-1", version, kNow, 0},
                         payload, kit.operator_key);
  };
  const std::string jws = sign(DocumentKind::schedule, 1, write_reference(reference));
  const auto verdict = desired.push(jws, kNow);
  INFO(verdict.reply.reason);
  CHECK(verdict.reply.accepted);
  REQUIRE(verdict.retain.size() == 1);
  CHECK(verdict.retain.front().jws == jws);
  CHECK(reason(desired, sign(DocumentKind::settings, 1, write_reference(reference)))
            .find("must be inside its message") != std::string::npos);
  DocumentReference outside = reference;
  outside.url = "../large";
  CHECK(reason(desired, sign(DocumentKind::schedule, 2, write_reference(outside))).find("/url") !=
        std::string::npos);
}

TEST_CASE(
    "the body of a reference is archived by its hash as soon as the origin has the right one") {
  const BackendKit kit;
  const fs::path origin = kit.root() / "origin", archive = kit.root() / "archive";
  REQUIRE(make_directories(origin / "documents"));
  const std::string body(80'000, 'b');
  const Hash256 hash = sha256(as_bytes(body));
  const std::string url = "documents/" + to_hex(hash);
  {
    Desired desired = open_desired(kit);
    const DocumentHeader header{
        DocumentKind::schedule, {Audience::Kind::group, "demo"}, "operator-1", 5, kNow, 0};
    REQUIRE(desired
                .push(sign_document(header, write_reference({url, hash, body.size()}),
                                    kit.operator_key),
                      kNow)
                .reply.accepted);
    const auto nowhere = desired.bring_bodies("");
    REQUIRE(nowhere.size() == 1);
    CHECK(nowhere[0] ==
          "the body of schedule 5 for group/demo is not in the archive: no origin is set");
    CHECK(desired.bring_bodies(origin).size() == 1);  // the push overtook it
  }
  Desired desired = open_desired(kit);  // that it is wanted outlives a restart
  REQUIRE(write_atomic(origin / url, std::string(80'000, 'x')));
  const auto other = desired.bring_bodies(origin);
  REQUIRE(other.size() == 1);
  CHECK(other[0].find("is not what was signed") != std::string::npos);
  CHECK_FALSE(fs::exists(archived_body(archive, hash)));
  REQUIRE(write_atomic(origin / url, body));
  CHECK(desired.bring_bodies(origin).empty());
  CHECK(*read_text(archived_body(archive, hash)) == body);
  fs::remove_all(origin);
  CHECK(open_desired(kit).bring_bodies(origin).empty());
  CHECK(list_directory(archive / "bodies") == std::vector<std::string>{to_hex(hash)});
}

TEST_CASE("an older version, another body under the same version, and only those, are stale") {
  const BackendKit kit;
  Desired desired = open_desired(kit);
  REQUIRE(desired.push(kit.settings(5), kNow).reply.accepted);
  CHECK(reason(desired, kit.settings(4)) ==
        "version 4 is not above 5, the last one accepted for group/demo");
  CHECK(reason(desired, kit.settings(5, 30)).find("version 5 is not above 5") == 0);
  CHECK(desired.push(kit.settings(5), kNow)
            .reply.accepted);  // the same bytes: the reply had got lost
  CHECK(
      desired.push(kit.settings(1, 20, {Audience::Kind::screen, "lobby-1"}), kNow).reply.accepted);
  CHECK(desired.push(kit.settings(6), kNow).reply.accepted);
  CHECK(desired.everything().size() == 2);
}

TEST_CASE(
    "a push with a wrong signature, key, scope or payload is refused with the reason and leaves no "
    "trace") {
  const BackendKit kit;
  Desired desired = open_desired(kit);
  const DocumentHeader header{
      DocumentKind::settings, {Audience::Kind::group, "demo"}, "operator-1", 1, kNow, 0};

  std::string bent = kit.settings(1);
  bent[bent.size() - 5] = bent[bent.size() - 5] == 'A' ? 'B' : 'A';
  CHECK(reason(desired, bent).find("signature") != std::string::npos);

  CHECK_FALSE(reason(desired, sign_document(header, "{}", kit.operator_key)).empty());
  CHECK_FALSE(reason(desired, sign_document(header, "not json", kit.operator_key)).empty());
  CHECK(
      reason(desired, sign_document(header, "{}", PrivateKey::from_seed({9}))).find("signature") !=
      std::string::npos);
  CHECK_FALSE(reason(desired, kit.settings(1, 20, {Audience::Kind::group, "elsewhere"})).empty());
  DocumentHeader other = header;
  other.key_id = "nobody";
  CHECK(reason(desired, sign_document(other, "{}", kit.operator_key)).find("nobody") !=
        std::string::npos);
  other = header;
  other.kind = DocumentKind::profile;
  CHECK_FALSE(reason(desired, sign_document(other, "{}", kit.operator_key)).empty());
  CHECK_FALSE(reason(desired, "three.little.words").empty());
  CHECK_FALSE(reason(desired, "").empty());
  CHECK(desired.everything().empty());
  CHECK(list_directory(kit.root() / "archive" / "by-hash").empty());
}

TEST_CASE(
    "a newer trust document counts at once and after a restart; one the root has not signed does "
    "not") {
  BackendKit kit;
  Desired desired = open_desired(kit);
  kit.trust.revoked.push_back("operator-1");
  const DocumentHeader header{
      DocumentKind::trust, {Audience::Kind::group, "demo"}, "root", 2, kNow, 0};
  CHECK_FALSE(
      reason(desired, sign_document(header, write_trust(kit.trust), kit.operator_key)).empty());
  REQUIRE(desired.push(kit.settings(1), kNow).reply.accepted);
  REQUIRE(desired.push(kit.signed_trust(2), kNow).reply.accepted);
  CHECK(reason(desired, kit.settings(2)).find("revoked") != std::string::npos);
  Desired again = open_desired(kit);
  CHECK(reason(again, kit.settings(2)).find("revoked") != std::string::npos);
}

TEST_CASE(
    "a screen that reports a lower version or none gets the document again, but not in a loop") {
  const BackendKit kit;
  Desired desired = open_desired(kit);
  const RegisteredScreen screen = kit.screen("lobby-1");
  REQUIRE(desired.push(kit.settings(2), kNow).reply.accepted);
  Reported reported;
  CHECK(desired.on_reported(screen, reported, 0).size() == 1);
  CHECK(desired.on_reported(screen, reported, kSecond).empty());
  CHECK(desired.on_birth(screen, 20 * kSecond).empty());
  CHECK(desired.on_birth(screen, 31 * kSecond).size() == 1);
  reported.documents.push_back({"settings", "group/demo", 1, ApplyState::confirmed, ""});
  CHECK(desired.on_reported(screen, reported, 100 * kSecond).size() == 1);
  reported.documents[0].version = 2;
  reported.documents[0].state = ApplyState::refused;
  CHECK(desired.on_reported(screen, reported, 200 * kSecond).empty());
  CHECK(desired.on_birth(screen, 300 * kSecond).empty());
  RegisteredScreen elsewhere = kit.screen("lobby-9");
  elsewhere.groups = {"other"};
  CHECK(desired.on_birth(elsewhere, 0).empty());
}

}  // namespace
}  // namespace vitrine
