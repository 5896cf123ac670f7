// Takeovers on their way to the player: two signatures, their own creatives, the screen's before
// the group's, and a withdrawal.
#include "kit.hpp"
#include "report.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

const Audience kAlone{Audience::Kind::screen, kScreen};

struct Screen : Kit {
  PrivateKey first = PrivateKey::generate(), second = PrivateKey::generate();
  Outbox outbox = *Outbox::open(paths.outbox_log());
  Inbox inbox = open_inbox();
  FetchDouble fetch{paths.content()};
  Assembly assembly{paths, inbox,          fetch,
                    clock, notices.sink(), [](int, Micros base, Micros) { return base; }};
  GenerationStore store{paths};

  Inbox open_inbox() {
    trust_key("takeover-1", first, "takeover", {DocumentKind::takeover});
    trust_key("takeover-2", second, "takeover", {DocumentKind::takeover});
    REQUIRE(GenerationStore(paths).put_trust(2, trust_jws(2)).ok());
    auto opened = Inbox::open(setup(), outbox);
    REQUIRE(opened.ok());
    return std::move(*opened);
  }
  void push(const std::string& jws) {
    inbox.receive(DocumentKind::takeover, jws);
    for (int i = 0; i < 3; ++i) assembly.tick();
  }
  std::string once(std::uint64_t version, const Takeover& takeover,
                   const Audience& audience = kDemo) const {
    return sign_document({DocumentKind::takeover, audience, "takeover-1", version, now_s(), 0},
                         write_takeover(takeover), first);
  }
  std::string twice(std::uint64_t version, const Takeover& takeover,
                    const Audience& audience = kDemo) const {
    return *countersign_document(once(version, takeover, audience), "takeover-2", second);
  }
  Takeover show(const std::string& body) {
    fetch.serve(body);
    Verdict verdict;
    verdict.sha256 = sha256(as_bytes(body));
    verdict.eligible = true;
    REQUIRE(write_verdict(paths.verdicts(), verdict).ok());
    const Schedule schedule = schedule_of({body});
    Takeover takeover;
    takeover.creative = 1;
    takeover.creatives = schedule.creatives;
    takeover.content = schedule.content;
    return takeover;
  }
  void settle() {
    inbox.receive(DocumentKind::settings, sign(DocumentKind::settings, 1, settings_text()));
  }
  std::string offered() { return *store.newest_takeover(); }
  Takeover withdrawal() const {
    Takeover takeover;
    takeover.withdraw = true;
    return takeover;
  }
};

}  // namespace

TEST_CASE("a takeover is fetched like a schedule and offered as it was signed") {
  Screen screen;
  screen.settle();
  const std::string jws = screen.twice(1, screen.show("fire"));
  screen.push(jws);
  CHECK(screen.offered() == jws);
  CHECK(screen.fetch.asked == 1);
  const auto report = make_report(screen.paths, screen.inbox, screen.assembly);
  bool told = false;
  for (const auto& document : report.documents)
    told = told || (document.kind == "takeover" && document.state == ApplyState::offered);
  CHECK(told);
  CHECK(screen.store.list().empty());  // it makes no generation
}

TEST_CASE("a takeover with one signature is refused in one line") {
  Screen screen;
  screen.settle();
  screen.push(screen.once(1, screen.show("fire")));
  CHECK(screen.offered().empty());
  REQUIRE(screen.notices.list.size() == 1);
  CHECK(screen.notices.last().find("a takeover needs a second signature") != std::string::npos);
}

TEST_CASE("a takeover whose file nobody can show is refused and never offered") {
  Screen screen;
  screen.settle();
  Takeover takeover = screen.show("fire");
  screen.fetch.files.begin()->second = "f1re";
  screen.push(screen.twice(1, takeover));
  CHECK(screen.offered().empty());
  CHECK(screen.notices.last().find("sha256 differs") != std::string::npos);
}

TEST_CASE("the screen's own takeover goes before its group's, and gives way when it is withdrawn") {
  Screen screen;
  screen.settle();
  const std::string group = screen.twice(7, screen.show("fire"));
  const std::string own = screen.twice(1, screen.show("lift out of order"), kAlone);
  screen.push(group);
  CHECK(screen.offered() == group);
  screen.push(own);
  CHECK(screen.offered() == own);
  screen.push(screen.twice(8, screen.show("fire, again")));
  CHECK(screen.offered() == own);
  screen.push(screen.twice(2, screen.withdrawal(), kAlone));
  CHECK(parse_envelope(screen.offered())->header.version == 8);
  const std::string last = screen.twice(9, screen.withdrawal());
  screen.push(last);
  CHECK(screen.offered() == last);
}

TEST_CASE("a takeover that is over gives way to the one below it") {
  Screen screen;
  screen.settle();
  const std::string group = screen.twice(1, screen.show("fire"));
  Takeover brief = screen.show("test of the alarm");
  brief.until_utc = screen.now_s() + 60;
  screen.push(group);
  const std::string own = screen.twice(1, brief, kAlone);
  screen.push(own);
  CHECK(screen.offered() == own);
  screen.clock.advance(60 * kSecond);
  screen.assembly.tick();
  CHECK(screen.offered() == group);
}

TEST_CASE("a withdrawal with nothing to withdraw is noted and offers nothing") {
  Screen screen;
  screen.settle();
  screen.push(screen.twice(1, screen.withdrawal()));
  CHECK(screen.offered().empty());
  CHECK(screen.notices.list.empty());
}
