// What comes down: each wrong document gives one clear line and leaves what plays alone.
#include "kit.hpp"
#include "report.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

struct Screen : Kit {
  Outbox outbox = open_outbox();
  Inbox inbox = open_inbox();
  FetchDouble fetch{paths.content()};
  Assembly assembly{paths, inbox,          fetch,
                    clock, notices.sink(), [](int, Micros base, Micros) { return base; }};
  GenerationStore generations{paths};

  Outbox open_outbox() {
    auto opened = Outbox::open(paths.outbox_log());
    REQUIRE(opened.ok());
    return std::move(*opened);
  }
  Inbox open_inbox() {
    auto opened = Inbox::open(setup(), outbox);
    REQUIRE_MESSAGE(opened.ok(), (opened ? "" : opened.error().message));
    return std::move(*opened);
  }
  void vet(const std::string& body, bool eligible = true, const std::string& reason = "") {
    Verdict verdict;
    verdict.sha256 = sha256(as_bytes(body));
    verdict.eligible = eligible;
    verdict.reason = reason;
    REQUIRE(write_verdict(paths.verdicts(), verdict).ok());
  }
  void turn(int times = 3) {
    for (int i = 0; i < times; ++i) assembly.tick();
  }
  std::string schedule(std::uint64_t version, const std::vector<std::string>& bodies) const {
    return sign(DocumentKind::schedule, version, write_schedule(schedule_of(bodies)));
  }
  void push(DocumentKind kind, const std::string& jws) { inbox.receive(kind, jws); }
  // A screen that plays generation 1 of schedule 40 with settings 1.
  void settle() {
    fetch.serve("forty");
    vet("forty");
    push(DocumentKind::settings, sign(DocumentKind::settings, 1, settings_text()));
    push(DocumentKind::schedule, schedule(40, {"forty"}));
    turn();
    REQUIRE(generations.list() == std::vector<std::uint64_t>{1});
    ActiveState active;
    active.confirmed = 1;
    REQUIRE(write_active(paths, active).ok());
    REQUIRE(notices.list.empty());
  }
  ReportedDocument reported(const std::string& kind, std::uint64_t version) {
    for (const auto& entry : make_report(paths, inbox, assembly).documents) {
      if (entry.kind == kind && entry.version == version) return entry;
    }
    FAIL("not reported: " << kind << " " << version);
    return {};
  }
  // Exactly one line was said, it holds `words`, and the generation is the one before.
  void refused_with(const std::string& words) {
    turn();
    REQUIRE(notices.list.size() == 1);
    const std::string& line = notices.list[0].second;
    CAPTURE(line);
    CHECK(line.find(words) != std::string::npos);
    CHECK(line.find('\n') == std::string::npos);
    CHECK(line.starts_with("cannot apply "));
    CHECK(line.ends_with("; keeping generation 7"));
    CHECK(generations.list() == std::vector<std::uint64_t>{1});
  }
};

}  // namespace

TEST_CASE("a schedule goes from verified over content and offered to confirmed") {
  Screen screen;
  screen.fetch.serve("forty");
  screen.push(DocumentKind::schedule, screen.schedule(40, {"forty"}));
  screen.turn();
  CHECK(screen.reported("schedule", 40).state == ApplyState::verified);
  CHECK(screen.reported("schedule", 40).error.find("no settings name an origin") !=
        std::string::npos);
  CHECK(screen.fetch.asked == 0);
  screen.push(DocumentKind::settings, screen.sign(DocumentKind::settings, 1, settings_text()));
  screen.turn();
  CHECK(screen.fetch.asked == 1);
  CHECK(screen.reported("schedule", 40).state == ApplyState::content);
  CHECK(screen.generations.list().empty());
  screen.vet("forty");
  screen.turn();
  CHECK(screen.reported("schedule", 40).state == ApplyState::offered);
  auto generation = screen.generations.read(1);
  REQUIRE(generation.ok());
  CHECK(generation->files.schedule == screen.schedule(40, {"forty"}));
  CHECK_FALSE(generation->files.settings.empty());
  CHECK(generation->creatives == std::vector{sha256(as_bytes("forty"))});
  ActiveState active;
  active.trying = 1;
  REQUIRE(write_active(screen.paths, active).ok());
  CHECK(screen.reported("schedule", 40).state == ApplyState::active);
  active = {0, 0, 1, {}, "", 1};
  REQUIRE(write_active(screen.paths, active).ok());
  CHECK(screen.reported("schedule", 40).state == ApplyState::confirmed);
  CHECK(screen.notices.list.empty());
}

TEST_CASE("a wrong signature is refused") {
  Screen screen;
  screen.settle();
  screen.push(DocumentKind::schedule,
              sign_document({DocumentKind::schedule, kDemo, "operator-1", 41, screen.now_s(), 0},
                            write_schedule(schedule_of({"forty"})), PrivateKey::generate()));
  screen.refused_with("schedule 41 for group/demo: signed by operator-1: wrong signature;");
  CHECK(screen.reported("schedule", 41).state == ApplyState::refused);
  CHECK(screen.reported("schedule", 40).state == ApplyState::confirmed);
}

TEST_CASE("a refused document that is retained says so once, not at every connection") {
  Screen screen;
  screen.settle();
  const std::string bad = screen.schedule(41, {"forty"}) + "x";
  for (int i = 0; i < 3; ++i) screen.push(DocumentKind::schedule, bad);
  CHECK(screen.notices.list.size() == 1);
}

TEST_CASE("an older version is refused, the same version is known, a newer one is taken") {
  Screen screen;
  screen.settle();
  screen.push(DocumentKind::schedule, screen.schedule(40, {"forty"}));
  screen.turn();
  CHECK(screen.notices.list.empty());
  screen.push(DocumentKind::schedule, screen.schedule(39, {"forty"}));
  screen.refused_with("older version, 40 is known");
  screen.push(DocumentKind::schedule, screen.schedule(41, {"forty"}));
  screen.turn();
  CHECK(screen.generations.list().size() == 2);
}

TEST_CASE("a document for somebody else is refused, and one of a key not allowed to sign it") {
  Screen screen;
  screen.settle();
  SUBCASE("another group") {
    screen.push(DocumentKind::schedule,
                screen.sign(DocumentKind::schedule, 41, write_schedule(schedule_of({"forty"})),
                            {Audience::Kind::group, "metro"}));
    screen.refused_with("it is for group/metro, not for this screen");
  }
  SUBCASE("another screen") {
    screen.push(DocumentKind::schedule,
                screen.sign(DocumentKind::schedule, 41, write_schedule(schedule_of({"forty"})),
                            {Audience::Kind::screen, "lobby-2"}));
    screen.refused_with("it is for screen/lobby-2");
  }
  SUBCASE("a backend key signs no schedules") {
    screen.push(DocumentKind::schedule,
                sign_document({DocumentKind::schedule, kDemo, "backend-1", 41, screen.now_s(), 0},
                              write_schedule(schedule_of({"forty"})), screen.backend));
    screen.refused_with("schedule 41");
  }
  SUBCASE("a settings document on the schedule's topic") {
    screen.push(DocumentKind::schedule, screen.sign(DocumentKind::settings, 2, settings_text()));
    screen.refused_with("topic of another kind");
  }
  SUBCASE("a body that breaks its schema") {
    screen.push(DocumentKind::schedule, screen.sign(DocumentKind::schedule, 41, "{\"label\":7}"));
    screen.refused_with("schedule 41");
  }
}

TEST_CASE("content whose hash differs refuses the schedule and is not kept") {
  Screen screen;
  screen.settle();
  const Hash256 hash = sha256(as_bytes("one"));
  screen.fetch.files["creatives/" + to_hex(hash)] = "0ne";
  screen.push(DocumentKind::schedule, screen.schedule(41, {"one"}));
  screen.refused_with("sha256 differs");
  CHECK(screen.reported("schedule", 41).state == ApplyState::refused);
  CHECK(list_directory(screen.paths.content()).size() == 1);
}

TEST_CASE("content that is not there refuses the schedule; an origin out of reach only delays it") {
  Screen screen;
  screen.settle();
  screen.fetch.offline = true;
  screen.push(DocumentKind::schedule, screen.schedule(41, {"one"}));
  screen.turn();
  CHECK(screen.notices.list.empty());
  CHECK(screen.reported("schedule", 41).error.find("no route") != std::string::npos);
  const int asked = screen.fetch.asked;
  screen.turn();
  CHECK(screen.fetch.asked == asked);  // not before the wait is over
  screen.fetch.offline = false;
  screen.clock.advance(kMinute);
  screen.refused_with("answers 404");
}

TEST_CASE("a version overtaken before it was offered is not fetched any more") {
  Screen screen;
  screen.settle();
  screen.fetch.offline = true;
  screen.push(DocumentKind::schedule, screen.schedule(41, {"one"}));
  screen.push(DocumentKind::schedule, screen.schedule(42, {"two"}));
  const int before = screen.fetch.asked;
  screen.turn();
  CHECK(screen.fetch.asked == before + 1);
}

TEST_CASE("settings go on while a schedule waits for its creatives") {
  Screen screen;
  screen.settle();
  screen.fetch.offline = true;
  screen.push(DocumentKind::schedule, screen.schedule(41, {"one"}));
  Settings settings;
  settings.origins = {"https://127.0.0.1:9443"};
  screen.push(DocumentKind::settings,
              screen.sign(DocumentKind::settings, 2, write_settings(settings)));
  screen.turn();
  auto generation = screen.generations.read(2);
  REQUIRE(generation.ok());
  CHECK(generation->files.schedule == screen.schedule(40, {"forty"}));
  CHECK(parse_envelope(generation->files.settings)->header.version == 2);
}

TEST_CASE(
    "an unplayable creative is reported and the rest of the schedule goes on; with none left it is "
    "refused") {
  Screen screen;
  screen.settle();
  for (const char* body : {"good", "bad"}) screen.fetch.serve(body);
  screen.vet("bad", false, "no video stream");
  SUBCASE("one of two") {
    screen.vet("good");
    screen.push(DocumentKind::schedule, screen.schedule(41, {"good", "bad"}));
    screen.turn();
    CHECK(screen.generations.list().size() == 2);
    REQUIRE(screen.notices.list.size() == 1);
    CHECK(screen.notices.list[0].first == "creative-rejected");
    CHECK(screen.notices.list[0].second.find("no video stream") != std::string::npos);
    CHECK(make_report(screen.paths, screen.inbox, screen.assembly).rejected_creatives.size() == 1);
  }
  SUBCASE("the only one") {
    screen.push(DocumentKind::schedule, screen.schedule(41, {"bad"}));
    screen.turn();
    REQUIRE(screen.notices.list.size() == 2);
    CHECK(screen.notices.list[0].first == "creative-rejected");
    CHECK(screen.notices.list[1].second.find("none of its 1 creatives can be played") !=
          std::string::npos);
    CHECK(screen.generations.list() == std::vector<std::uint64_t>{1});
    CHECK(screen.reported("schedule", 41).state == ApplyState::refused);
  }
  SUBCASE("no verdict in time") {
    screen.push(DocumentKind::schedule, screen.schedule(41, {"good"}));
    screen.turn();
    screen.clock.advance(600 * kSecond - 1);
    screen.turn();
    CHECK(screen.notices.list.empty());
    screen.clock.advance(1);
    screen.turn();
    REQUIRE(screen.notices.list.size() == 2);
    CHECK(screen.notices.list[0].second.find("vet-timeout") != std::string::npos);
    CHECK(screen.generations.list() == std::vector<std::uint64_t>{1});
  }
}

TEST_CASE("numbers join only the schedule they were solved for") {
  Screen screen;
  screen.settle();
  Numbers numbers;
  numbers.schedule_version = 40;
  numbers.schedule_sha256 = sha256(as_bytes("another schedule"));
  screen.push(DocumentKind::numbers, screen.sign(DocumentKind::numbers, 1, write_numbers(numbers)));
  screen.turn();
  CHECK(screen.generations.list().size() == 1);
  CHECK(screen.reported("numbers", 1).error == "they belong to schedule 40");
  numbers.schedule_sha256 = sha256(as_bytes(write_schedule(schedule_of({"forty"}))));
  screen.push(DocumentKind::numbers, screen.sign(DocumentKind::numbers, 2, write_numbers(numbers)));
  screen.turn();
  REQUIRE(screen.generations.list().size() == 2);
  CHECK(parse_envelope(screen.generations.read(2)->files.numbers)->header.version == 2);
}

TEST_CASE("a document for this screen goes before one for its group") {
  Screen screen;
  screen.settle();
  screen.push(DocumentKind::schedule,
              screen.sign(DocumentKind::schedule, 1, write_schedule(schedule_of({"forty"})),
                          {Audience::Kind::screen, kScreen}));
  screen.turn();
  CHECK(parse_envelope(screen.generations.read(2)->files.schedule)->header.version == 1);
  screen.push(DocumentKind::schedule, screen.schedule(41, {"forty"}));
  screen.turn();
  CHECK(screen.generations.list().size() == 2);
}

TEST_CASE(
    "documents and floors survive a restart: the same set is not offered twice, an older version "
    "stays refused") {
  Screen screen;
  screen.settle();
  screen.inbox = screen.open_inbox();
  screen.turn();
  CHECK(screen.generations.list().size() == 1);
  CHECK(screen.reported("schedule", 40).state == ApplyState::confirmed);
  screen.push(DocumentKind::schedule, screen.schedule(39, {"forty"}));
  screen.refused_with("older version");
}

TEST_CASE(
    "trust comes from the root key and rises; what an unknown key signed is tried again under new "
    "trust") {
  Screen screen;
  screen.settle();
  const PrivateKey second = PrivateKey::generate();
  const std::string by_second =
      sign_document({DocumentKind::schedule, kDemo, "operator-2", 41, screen.now_s(), 0},
                    write_schedule(schedule_of({"forty"})), second);
  screen.push(DocumentKind::schedule, by_second);
  CHECK(screen.notices.list.size() == 1);

  screen.trust_key("operator-2", second, "operator", {DocumentKind::schedule});
  const std::string forged = sign_document({DocumentKind::trust, kDemo, "root", 2, 1, 0},
                                           write_trust(screen.trust), screen.operator_key);
  screen.push(DocumentKind::trust, forged);
  CHECK(screen.notices.list.size() == 2);
  screen.push(DocumentKind::trust, screen.trust_jws(2));
  screen.turn();
  CHECK(screen.notices.list.size() == 2);
  CHECK(screen.generations.list().size() == 2);
  CHECK(*screen.generations.newest_trust() == screen.trust_jws(2));
  screen.push(DocumentKind::trust, screen.trust_jws(1));
  CHECK(screen.notices.last().find("older version, 2 is known") != std::string::npos);
}

TEST_CASE("a generation the player rejects is reported with its reason and not brought again") {
  Screen screen;
  screen.settle();
  screen.push(DocumentKind::schedule, screen.schedule(41, {"forty"}));
  screen.turn();
  REQUIRE(screen.generations.list().size() == 2);
  REQUIRE(write_active(screen.paths, {0, 2, 1, {2}, "no playable slot for 60 s", 3}).ok());
  screen.turn();
  REQUIRE(screen.notices.list.size() == 1);
  CHECK(screen.notices.list[0].second.find("no playable slot for 60 s") != std::string::npos);
  CHECK(screen.reported("schedule", 41).state == ApplyState::refused);
  CHECK(screen.reported("schedule", 40).state == ApplyState::confirmed);
  CHECK(screen.generations.list().size() == 2);
}

TEST_CASE("creatives beyond the quota refuse the schedule with the bytes missing") {
  Screen screen;
  screen.settle();
  Settings settings;
  settings.origins = {"https://127.0.0.1:8443"};
  settings.content_quota_bytes = 8;
  screen.push(DocumentKind::settings,
              screen.sign(DocumentKind::settings, 2, write_settings(settings)));
  screen.push(DocumentKind::schedule, screen.schedule(41, {"ten bytes."}));
  screen.turn();
  REQUIRE(screen.notices.list.size() == 1);
  CHECK(screen.notices.list[0].second.find("need 2 bytes more than the quota of 8") !=
        std::string::npos);
}

TEST_CASE("how much of a schedule's creatives is here is reported, measured at most every 2 s") {
  Screen screen;
  screen.settle();
  screen.fetch.offline = true;
  const std::string body = "nine byte";
  const fs::path part = ContentStore(screen.paths.content()).part_of(sha256(as_bytes(body)));
  REQUIRE(write_atomic(part, std::string_view("nine")).ok());
  screen.push(DocumentKind::schedule, screen.schedule(41, {"forty", body}));
  screen.turn();
  auto entry = screen.reported("schedule", 41);
  CHECK(entry.content_bytes == 14);
  CHECK(entry.content_done == 9);
  REQUIRE(write_atomic(part, std::string_view("nine by")).ok());
  screen.turn();
  CHECK(screen.reported("schedule", 41).content_done == 9);
  screen.clock.advance(2 * kSecond);
  screen.turn();
  CHECK(screen.reported("schedule", 41).content_done == 12);
  CHECK_FALSE(screen.reported("schedule", 40).content_bytes);
  screen.fetch.offline = false;
  screen.fetch.serve(body);
  screen.clock.advance(kMinute);
  screen.turn();
  CHECK(screen.reported("schedule", 41).state == ApplyState::content);
  CHECK_FALSE(screen.reported("schedule", 41).content_bytes);
}

TEST_CASE("a schedule that does not fit beside what is kept waits and says so, until it does") {
  Screen screen;
  screen.settle();
  const auto quota = [&](std::uint64_t version, std::uint64_t bytes) {
    Settings settings;
    settings.origins = {"https://127.0.0.1:8443"};
    settings.content_quota_bytes = bytes;
    screen.push(DocumentKind::settings,
                screen.sign(DocumentKind::settings, version, write_settings(settings)));
  };
  quota(2, 12);
  screen.turn();
  screen.fetch.serve("ten bytes.");
  screen.push(DocumentKind::schedule, screen.schedule(41, {"ten bytes."}));
  screen.turn();
  CHECK(screen.reported("schedule", 41).error ==
        "10 bytes to come do not fit beside the 5 bytes that kept generations need, within the "
        "quota of 12 bytes");
  CHECK(screen.notices.list.empty());
  CHECK(screen.fetch.asked == 1);
  CHECK(ContentStore(screen.paths.content()).has(sha256(as_bytes("forty"))));
  quota(3, 15);
  screen.clock.advance(2 * kSecond);
  screen.turn();
  CHECK(screen.reported("schedule", 41).state == ApplyState::content);
}

TEST_CASE("a schedule that waits for a metered link says how much is to come, and from when") {
  Screen screen;
  screen.settle();
  const auto now = [] { return std::optional(LocalTime{20'000, 12 * 3600, 0}); };
  MeteredLink link(screen.paths.metered(), screen.clock, now);
  Daypart night;
  night.from_minute = 60;
  night.until_minute = 300;
  CHECK(link.tick(Metered{50'000'000, {night}}, 0) == 0);
  Assembly assembly(
      screen.paths, screen.inbox, screen.fetch, screen.clock, screen.notices.sink(),
      [](int, Micros base, Micros) { return base; },
      FetchMeans{.local_now = now, .metered = &link});
  screen.fetch.offline = true;
  screen.push(DocumentKind::schedule, screen.schedule(41, {std::string(2'100'000, 'x')}));
  assembly.tick();
  CHECK(screen.reported("schedule", 41).error ==
        "3 MB to come, the metered link allows 50 MB a day from 01:00");
}
