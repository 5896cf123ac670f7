// Keys that come and go: what a document needs on its way down, and what becomes of it when its key
// is revoked.
#include "kit.hpp"
#include "report.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

struct Rotation : Kit {
  std::optional<Outbox> outbox;
  std::optional<Inbox> inbox;
  bool trusted_clock = true;
  PrivateKey second = PrivateKey::generate();

  Rotation() { open(); }
  void open() {
    inbox.reset();
    outbox.reset();
    auto opened = Outbox::open(paths.outbox_log());
    REQUIRE(opened.ok());
    outbox.emplace(std::move(*opened));
    auto setting = setup();
    setting.now_utc_s = [this] { return trusted_clock ? now_s() : kNoClock; };
    auto made = Inbox::open(std::move(setting), *outbox);
    REQUIRE_MESSAGE(made.ok(), (made ? "" : made.error().message));
    inbox.emplace(std::move(*made));
  }
  std::string settings_by(const std::string& key_id, const PrivateKey& key, std::uint64_t version,
                          std::int64_t expires = 0) const {
    return sign_document({DocumentKind::settings, kDemo, key_id, version, now_s(), expires},
                         settings_text(), key);
  }
  void push(const std::string& jws) { inbox->receive(DocumentKind::settings, jws); }
  std::uint64_t in_use() {
    const HeldDocument* best = inbox->best(DocumentKind::settings);
    return best == nullptr ? 0 : best->header().version;
  }
  void lose_outbox() {
    inbox.reset();
    outbox.reset();
    fs::remove(paths.outbox());
  }
};

}  // namespace

TEST_CASE("a rotation: both keys hold, then the old one is revoked and what it signed is dropped") {
  Rotation screen;
  screen.push(screen.settings_by("operator-1", screen.operator_key, 1));
  screen.trust_key("operator-2", screen.second, "operator", {DocumentKind::settings});
  screen.inbox->receive(DocumentKind::trust, screen.trust_jws(2));
  CHECK(screen.in_use() == 1);
  const std::string by_old = screen.settings_by("operator-1", screen.operator_key, 2);
  screen.push(by_old);
  CHECK(screen.in_use() == 2);
  screen.push(screen.settings_by("operator-2", screen.second, 3));
  CHECK(screen.in_use() == 3);
  screen.push(screen.settings_by("operator-1", screen.operator_key, 4));
  CHECK(screen.in_use() == 4);

  screen.trust.revoked = {"operator-1"};
  screen.inbox->receive(DocumentKind::trust, screen.trust_jws(3));
  CHECK(screen.in_use() == 3);  // the newest that a key in force signed
  screen.push(screen.settings_by("operator-1", screen.operator_key, 5));
  CHECK(screen.in_use() == 3);
  CHECK(screen.notices.last().find("the key is revoked") != std::string::npos);
  screen.open();  // and after a restart
  CHECK(screen.in_use() == 3);
}

TEST_CASE("trust never goes back, not even with outbox.db lost or a backup restored") {
  Rotation screen;
  const std::string first = screen.trust_jws(1);
  screen.trust.revoked = {"operator-1"};
  screen.inbox->receive(DocumentKind::trust, screen.trust_jws(2));
  const std::string by_revoked = screen.settings_by("operator-1", screen.operator_key, 1);
  const auto still_revoked = [&] {
    screen.inbox->receive(DocumentKind::trust, first);
    screen.push(by_revoked);
    CHECK(screen.in_use() == 0);
  };
  SUBCASE("the broker brings the old one") {
    still_revoked();
  }
  SUBCASE("outbox.db is lost") {
    screen.lose_outbox();
    screen.open();
    still_revoked();
  }
  SUBCASE("the newer document is lost, the older one is back") {
    REQUIRE(remove_file(screen.paths.trust() / "2").ok());
    screen.open();
    CHECK(screen.inbox->trust().keys.empty());  // nobody, rather than somebody of yesterday
    still_revoked();
    screen.inbox->receive(DocumentKind::trust, screen.trust_jws(2));
    CHECK(screen.inbox->trust_header().version == 2);
  }
  SUBCASE("the old one is signed for another audience") {
    const std::string other =
        sign_document({DocumentKind::trust, {Audience::Kind::group, "lifts"}, "root", 1, 1, 0},
                      write_trust(Kit().trust), screen.root);
    screen.inbox->receive(DocumentKind::trust, other);
    CHECK(screen.inbox->trust_header().version == 2);
  }
}

TEST_CASE("a forged trust document beside the true one neither holds nor takes its place") {
  Rotation screen;
  Trust mine = screen.trust;
  mine.keys[0].public_key = screen.second.public_key().raw;
  const std::string forged = sign_document({DocumentKind::trust, kDemo, "root", 9, 1, 0},
                                           write_trust(mine), screen.second);
  REQUIRE(GenerationStore(screen.paths).put_trust(9, forged).ok());
  screen.open();
  CHECK(screen.inbox->trust_header().version == 1);
  screen.push(screen.settings_by("operator-1", screen.second, 1));
  CHECK(screen.in_use() == 0);
  screen.push(screen.settings_by("operator-1", screen.operator_key, 1));
  CHECK(screen.in_use() == 1);
}

TEST_CASE("validity is checked by a clock that is trusted and by no other") {
  Rotation screen;
  screen.trust.keys[0].valid_from = screen.now_s() + 100;
  screen.trust.keys[0].valid_until = screen.now_s() + 200;
  screen.inbox->receive(DocumentKind::trust, screen.trust_jws(2));
  const std::string jws = screen.settings_by("operator-1", screen.operator_key, 1);
  SUBCASE("without a clock nothing is too early or too late") {
    screen.trusted_clock = false;
    screen.push(jws);
    CHECK(screen.in_use() == 1);
  }
  SUBCASE("too early") {
    screen.push(jws);
    CHECK(screen.in_use() == 0);
    CHECK(screen.notices.last().find("not valid yet") != std::string::npos);
  }
  SUBCASE("too late") {
    screen.clock.advance(200 * kSecond);
    screen.push(jws);
    CHECK(screen.in_use() == 0);
    CHECK(screen.notices.last().find("no longer valid") != std::string::npos);
  }
  SUBCASE("what was signed in time outlives its key's time, over a restart too") {
    screen.clock.advance(150 * kSecond);
    screen.push(jws);
    CHECK(screen.in_use() == 1);
    screen.clock.advance(100 * kSecond);
    CHECK(screen.in_use() == 1);
    screen.open();
    CHECK(screen.in_use() == 1);
  }
  SUBCASE("a document that ends is not used after that") {
    screen.clock.advance(150 * kSecond);
    screen.push(screen.settings_by("operator-1", screen.operator_key, 1, screen.now_s() + 10));
    CHECK(screen.in_use() == 1);
    screen.clock.advance(10 * kSecond);
    CHECK(screen.in_use() == 0);
  }
}

TEST_CASE("an older version that was held is no news, whatever topic still holds it") {
  Rotation screen;
  const std::string first = screen.settings_by("operator-1", screen.operator_key, 1);
  screen.push(first);
  screen.push(screen.settings_by("operator-1", screen.operator_key, 2));
  screen.push(first);
  CHECK(screen.notices.list.empty());
  CHECK(screen.in_use() == 2);
}
