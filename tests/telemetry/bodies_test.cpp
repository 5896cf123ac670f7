// Documents larger than a message: signed by reference, and after that no different from others.
#include "bodies.hpp"

#include "kit.hpp"
#include "player/documents.hpp"
#include "protocol/reference.hpp"
#include "report.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

Micros no_jitter(int, Micros base, Micros) {
  return base;
}

struct Screen : Kit {
  Outbox outbox = open_outbox();
  FetchDouble body_fetch{paths.bodies()};
  Bodies bodies{paths.bodies(), body_fetch, clock, no_jitter};
  Inbox inbox = open_inbox();
  FetchDouble fetch{paths.content()};
  Assembly assembly{paths, inbox, fetch, clock, notices.sink(), no_jitter};
  GenerationStore generations{paths};

  Outbox open_outbox() {
    auto opened = Outbox::open(paths.outbox_log());
    REQUIRE(opened.ok());
    return std::move(*opened);
  }
  Inbox open_inbox() {
    Inbox::Setup with = setup();
    with.bodies = &bodies;
    auto opened = Inbox::open(std::move(with), outbox);
    REQUIRE_MESSAGE(opened.ok(), (opened ? "" : opened.error().message));
    return std::move(*opened);
  }
  void serve_creatives() {
    for (const char* body : {"one", "two"}) {
      fetch.serve(body);
      Verdict verdict;
      verdict.sha256 = sha256(as_bytes(body));
      verdict.eligible = true;
      REQUIRE(write_verdict(paths.verdicts(), verdict).ok());
    }
  }
  void turn(int times = 3) {
    for (int i = 0; i < times; ++i) {
      inbox.tick();
      assembly.tick();
    }
  }
  void settings() {
    inbox.receive(DocumentKind::settings, sign(DocumentKind::settings, 1, settings_text()));
  }
  // Signs a reference to `text`; serve() puts it where the reference says.
  std::string referring(const std::string& text, std::uint64_t version,
                        DocumentKind kind = DocumentKind::schedule) const {
    const Hash256 hash = sha256(as_bytes(text));
    return sign(kind, version, write_reference({"documents/" + to_hex(hash), hash, text.size()}));
  }
  void serve(const std::string& text, const std::string& instead = "") {
    body_fetch.files["documents/" + to_hex(sha256(as_bytes(text)))] =
        instead.empty() ? text : instead;
  }
  ReportedDocument reported(const std::string& kind, std::uint64_t version) {
    for (const auto& entry : make_report(paths, inbox, assembly).documents) {
      if (entry.kind == kind && entry.version == version) return entry;
    }
    FAIL("not reported: " << kind << " " << version);
    return {};
  }
  Result<ActiveDocuments> as_the_player(const Generation& generation) {
    const VersionFloors floors(paths.floors());
    return check_documents(generation, {trust, now_s(), identity, floors, nullptr});
  }
};

const std::string kThousand = write_schedule(large_schedule_of({"one", "two"}));

// Too large for a message too, and no larger than that asks for.
Schedule large_schedule() {
  return large_schedule_of({"one", "two"}, 150);
}
const std::string kLarge = write_schedule(large_schedule());

}  // namespace

TEST_CASE("a schedule of 1,000 campaigns goes from received to offered, and the player reads it") {
  REQUIRE(kThousand.size() > kMaxInlinePayload);
  Screen screen;
  screen.serve_creatives();
  const std::string jws = screen.referring(kThousand, 41);
  screen.inbox.receive(DocumentKind::schedule, jws);
  screen.turn();
  CHECK(screen.reported("schedule", 41).state == ApplyState::received);
  CHECK(screen.reported("schedule", 41).error == "no settings name an origin for its body yet");
  screen.settings();
  screen.body_fetch.offline = true;
  screen.turn();
  CHECK(screen.reported("schedule", 41).error.find("no route") != std::string::npos);
  CHECK(screen.body_fetch.asked == 1);  // not again before its wait is over
  screen.body_fetch.offline = false;
  screen.serve(kThousand);
  screen.clock.advance(kMinute);
  screen.turn();
  CHECK(screen.reported("schedule", 41).state == ApplyState::offered);
  CHECK(screen.notices.list.empty());
  auto generation = screen.generations.read(1);
  REQUIRE(generation.ok());
  CHECK(generation->files.schedule == jws);
  CHECK((generation->files.schedule_body == kThousand));
  auto active = screen.as_the_player(*generation);
  REQUIRE_MESSAGE(active.ok(), (active ? "" : active.error().message));
  CHECK(active->schedule.campaigns.size() == 1'000);
  // The broker says it again at every connection.
  screen.inbox.receive(DocumentKind::schedule, jws);
  screen.turn();
  CHECK(screen.generations.list().size() == 1);
  CHECK(screen.body_fetch.asked == 2);
}

TEST_CASE(
    "a body that is not the signed one never reaches the glass: not from the origin, not from the "
    "disk") {
  REQUIRE(kLarge.size() > kMaxInlinePayload);
  Screen screen;
  screen.serve_creatives();
  screen.settings();
  std::string changed = kLarge;
  changed[changed.find("campaign 7x")] = 'C';
  SUBCASE("from the origin") {
    screen.serve(kLarge, changed);
    screen.inbox.receive(DocumentKind::schedule, screen.referring(kLarge, 41));
    screen.turn();
    REQUIRE(screen.notices.list.size() == 1);
    CHECK(screen.notices.last().find("cannot apply schedule 41 for group/demo: ") !=
          std::string::npos);
    CHECK(screen.notices.last().find("sha256 differs") != std::string::npos);
    CHECK(screen.reported("schedule", 41).state == ApplyState::refused);
    CHECK(screen.generations.list().empty());
  }
  SUBCASE("from the disk, whatever the manifest says") {
    screen.serve(kLarge);
    screen.inbox.receive(DocumentKind::schedule, screen.referring(kLarge, 41));
    screen.turn();
    auto generation = screen.generations.read(1);
    REQUIRE(generation.ok());
    GenerationFiles files = generation->files;
    files.schedule_body = changed;
    REQUIRE(screen.generations.offer(files, generation->creatives).ok());
    CHECK(screen.as_the_player(*screen.generations.read(2))
              .error()
              .message.find("the sha256 of its body is not the one signed") != std::string::npos);
    files.schedule_body.clear();
    REQUIRE(screen.generations.offer(files, generation->creatives).ok());
    CHECK_FALSE(screen.as_the_player(*screen.generations.read(3)).ok());
    REQUIRE(write_atomic(screen.paths.offered() / "1/schedule_body", changed).ok());
    CHECK(screen.generations.read(1).error().message ==
          "generation 1: schedule_body differs from its manifest");
  }
  SUBCASE("a body that breaks its schema") {
    const std::string broken = "{\"campaigns\":7," + kLarge.substr(1);
    screen.serve(broken);
    screen.inbox.receive(DocumentKind::schedule, screen.referring(broken, 41));
    screen.turn();
    CHECK(screen.reported("schedule", 41).state == ApplyState::refused);
    CHECK(screen.generations.list().empty());
  }
  SUBCASE("a body that is not there") {
    screen.inbox.receive(DocumentKind::schedule, screen.referring(kLarge, 41));
    screen.turn();
    CHECK(screen.notices.last().find("answers 404") != std::string::npos);
    CHECK(screen.reported("schedule", 41).state == ApplyState::refused);
  }
}

TEST_CASE("numbers belong to a schedule by the hash of its body, and may come by reference too") {
  Screen screen;
  screen.serve_creatives();
  screen.settings();
  Schedule schedule = large_schedule_of({"one", "two"});
  for (Campaign& campaign : schedule.campaigns) campaign.klass = CampaignClass::guaranteed;
  const std::string text = write_schedule(schedule);
  screen.serve(text);
  screen.inbox.receive(DocumentKind::schedule, screen.referring(text, 41));
  Numbers numbers;
  numbers.schedule_version = 41;
  numbers.schedule_sha256 = sha256(as_bytes(text));
  for (CampaignId id = 1; id <= 1'000; ++id) {
    CampaignNumbers entry;
    entry.campaign = id;
    entry.first_day = 20'000;
    entry.goal_milli = std::vector<std::uint32_t>(7, 1'500);
    numbers.campaigns.push_back(entry);
  }
  const std::string body = write_numbers(numbers);
  REQUIRE(body.size() > kMaxInlinePayload);
  screen.serve(body);
  screen.inbox.receive(DocumentKind::numbers, screen.referring(body, 1, DocumentKind::numbers));
  screen.turn();
  auto generation = screen.generations.read(screen.generations.list().back());
  REQUIRE(generation.ok());
  CHECK((generation->files.numbers_body == body));
  REQUIRE(screen.body_fetch.asked == 2);
  auto active = screen.as_the_player(*generation);
  REQUIRE_MESSAGE(active.ok(), (active ? "" : active.error().message));
  REQUIRE(active->numbers);
  CHECK(active->numbers->campaigns.size() == 1'000);
}

TEST_CASE(
    "bodies survive a restart, are fetched again when lost, and go with the last document that "
    "names them") {
  Screen screen;
  screen.serve_creatives();
  screen.settings();
  screen.serve(kLarge);
  screen.inbox.receive(DocumentKind::schedule, screen.referring(kLarge, 41));
  screen.turn();
  REQUIRE(screen.generations.list().size() == 1);
  screen.inbox = screen.open_inbox();
  screen.turn();
  CHECK(screen.reported("schedule", 41).state == ApplyState::offered);
  CHECK(screen.body_fetch.asked == 1);

  fs::remove_all(screen.paths.bodies());
  REQUIRE(make_directories(screen.paths.bodies()).ok());
  screen.inbox = screen.open_inbox();
  screen.turn();
  CHECK(screen.body_fetch.asked == 2);
  CHECK(screen.reported("schedule", 41).state == ApplyState::offered);
  CHECK(screen.generations.list().size() == 1);

  for (std::uint64_t version = 42; version <= 45; ++version) {
    Schedule schedule = large_schedule();
    schedule.label = std::to_string(version);
    screen.serve(write_schedule(schedule));
    screen.inbox.receive(DocumentKind::schedule,
                         screen.referring(write_schedule(schedule), version));
    screen.turn();
  }
  CHECK(list_directory(screen.paths.bodies()).size() == 3);  // the newest and two to fall back on
}

TEST_CASE("while a body is on its way a newer version takes its place, and an older one does not") {
  Screen screen;
  screen.serve_creatives();
  screen.inbox.receive(DocumentKind::schedule, screen.referring(kLarge, 42));
  screen.inbox.receive(DocumentKind::schedule, screen.referring(kLarge, 41));
  CHECK(screen.bodies.waiting().size() == 1);
  CHECK(screen.bodies.waiting().front().header.version == 42);
  screen.inbox.receive(DocumentKind::schedule, screen.sign(DocumentKind::schedule, 43,
                                                           write_schedule(schedule_of({"one"}))));
  CHECK(screen.bodies.waiting().empty());
  // Settings say where bodies are fetched: they cannot be one.
  screen.inbox.receive(DocumentKind::settings, screen.referring(kLarge, 1, DocumentKind::settings));
  CHECK(screen.notices.last().find("must be inside its message") != std::string::npos);
}
