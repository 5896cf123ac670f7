// The log of a day on which everything happened, decided again; and that nothing in it may be
// altered unseen.
#include "operator/audit.hpp"

#include <doctest/doctest.h>

#include "backflow/desired.hpp"
#include "operator/explain.hpp"
#include "operator/local_clock.hpp"
#include "operator/next.hpp"
#include "platform/sqlite.hpp"
#include "recorded_day.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

op::AuditOptions options_of(const fs::path& state) {
  op::AuditOptions options;
  options.state = state;
  options.day = "2026-11-24";
  return options;
}

// A copy of the state whose log may be altered.
struct Copy {
  TempDirectory directory;
  fs::path state = directory / "state";
  Copy() { fs::copy(recorded_day().screen.paths.root, state, fs::copy_options::recursive); }

  // `sql` names one row: of the rows it finds the first counts.
  std::int64_t find(const std::string& sql) const {
    auto database = Database::open_reader(state / "player/plays.db");
    REQUIRE(database.ok());
    auto seq = database->scalar(sql);
    REQUIRE(seq.ok());
    REQUIRE_MESSAGE(seq->has_value(), sql);
    return **seq;
  }
  void run(const std::string& sql) {
    auto database = Database::open_owner(state / "player/plays.db");
    REQUIRE(database.ok());
    const auto done = database->execute(sql);
    REQUIRE_MESSAGE(done.ok(), sql);
  }
  // As if it had never been there: the rows after it close up.
  void remove_input(std::int64_t seq) {
    const std::string row = std::to_string(seq);
    run("DELETE FROM input WHERE seq = " + row + "; UPDATE input SET seq = seq - 1 WHERE seq > " +
        row);
  }
  op::Audit audit() const {
    auto audited = op::audit(options_of(state));
    REQUIRE_MESSAGE(audited, audited.error().message);
    return *audited;
  }
};

std::string kind(InputKind kind) {
  return std::to_string(column_value(kind));
}

// Input rows of the day, by the decisions whose plays began on it.
std::string of_day(InputKind of, const std::string& more = "") {
  return "SELECT seq FROM input WHERE kind = " + kind(of) +
         " AND decision_seq > (SELECT MIN(decision_seq) + 200 FROM input WHERE kind = " +
         kind(InputKind::restated) + " AND value = 0) " + more + " ORDER BY seq LIMIT 1";
}

std::string told(const op::Audit& audit) {
  std::string text;
  for (const auto* lines : {&audit.findings, &audit.faults}) {
    if (!lines->empty()) text += lines->front() + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE(
    "a day with a missing file, a quarantine, a takeover, misses, a kill, a reboot without a time "
    "and steps of the clock is decided again without a difference") {
  const op::Audit audit = Copy().audit();
  INFO(op::audit_text(audit));
  CHECK(audit.passed());
  CHECK(audit.decisions > 2'500);
  CHECK(audit.same == audit.decisions);
  CHECK(audit.signatures >= audit.decisions);
  CHECK(audit.notes.empty());
}

TEST_CASE("days on which anything happens at any time are decided again without a difference") {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    CAPTURE(seed);
    RecordedDay day;
    day.live_at_random(seed, 30);
    auto state = op::ScreenState::read(day.screen.paths.root);
    REQUIRE(state);
    const ScreenLog& log = (*state)->record().log;
    Replay replay(log, (*state)->archive(), (*state)->zone());
    Replay::Step step;
    int decisions = 0;
    while (replay.next(step)) {
      CAPTURE(step.question.decision_seq);
      REQUIRE(step.difference == "");
      ++decisions;
    }
    CHECK(decisions > 500);
    CHECK(contradictions(log.inputs).empty());
  }
}

TEST_CASE("the day of the audit holds all that it claims to hold") {
  Copy copy;
  const auto count = [&](const std::string& sql) { return copy.find("SELECT COUNT(*) " + sql); };
  CHECK(count("FROM input WHERE kind = " + kind(InputKind::content_absent)) >= 1);
  CHECK(count("FROM input WHERE kind = " + kind(InputKind::quarantined)) >= 1);
  CHECK(count("FROM input WHERE kind = " + kind(InputKind::pending) + " AND value != 0") >= 1);
  CHECK(count("FROM input WHERE kind = " + kind(InputKind::restated) + " AND value = 1") == 3);
  CHECK(count("FROM input WHERE kind = " + kind(InputKind::clock_offset)) >= 7);
  CHECK(count("FROM play WHERE kind = " + std::to_string(column_value(PlayKind::miss))) >= 4);
  CHECK(count("FROM play WHERE kind = " + std::to_string(column_value(PlayKind::ghost))) > 150);
  CHECK(count("FROM play WHERE kind = " + std::to_string(column_value(PlayKind::takeover))) >= 20);
  CHECK(count("FROM play WHERE cut_cause = " + std::to_string(column_value(CutCause::killed))) ==
        2);
  CHECK(count("FROM (SELECT DISTINCT boot_low FROM play)") == 2);
  CHECK(count("FROM (SELECT DISTINCT generation FROM play)") == 2);
  CHECK(count("FROM play WHERE clock_trust = 0") >= 4);
  CHECK(count("FROM play WHERE live_q4 != 16") > 50);
  for (const Reason reason : {Reason::quota_due, Reason::weight_due, Reason::house_fill,
                              Reason::experiment_fill, Reason::takeover}) {
    CAPTURE(name_of(reason));
    CHECK(count("FROM play WHERE reason = " + std::to_string(column_value(reason))) >= 10);
  }
}

TEST_CASE("one input row taken out of the record, the others closed up behind it, is noticed") {
  const std::string held = " AND value != 0";
  for (const auto& [what, sql] : std::vector<std::pair<std::string, std::string>>{
           {"a file that went", of_day(InputKind::content_absent)},
           {"a file that came", of_day(InputKind::content_present)},
           {"a quarantine", of_day(InputKind::quarantined)},
           {"a generation", of_day(InputKind::generation, held)},
           {"a takeover", of_day(InputKind::takeover, held)},
           {"the trust in a clock", of_day(InputKind::clock_trust, held)},
           {"a step of the clock", of_day(InputKind::clock_offset, held)},
           {"an item on its way", of_day(InputKind::pending, held)},
           {"that it is no longer", of_day(InputKind::pending, " AND value = 0")},
           {"a new beginning", of_day(InputKind::restated, held)},
           {"the time zones' version", of_day(InputKind::tzdata)}}) {
    CAPTURE(what);
    Copy copy;
    copy.remove_input(copy.find(sql));
    const op::Audit audit = copy.audit();
    INFO(what, ": ", audit.other, " different, ", audit.lost, " lost; ", told(audit));
    CHECK_FALSE(audit.passed());
  }
}

TEST_CASE("one input row altered is noticed") {
  const auto set = [](const std::string& value, const std::string& sql) {
    return "UPDATE input SET value = " + value + " WHERE seq = (" + sql + ")";
  };
  const std::string hour = std::to_string(kHour);
  for (const auto& [what, sql] : std::vector<std::pair<std::string, std::string>>{
           {"an hour more", set("value + " + hour, of_day(InputKind::clock_offset))},
           {"an hour less", set("value - " + hour, of_day(InputKind::clock_offset))},
           {"another generation", set("1", of_day(InputKind::generation, " AND value = 2"))},
           {"another trust", set("2", of_day(InputKind::clock_trust, " AND value = 1"))},
           {"no takeover", set("0", of_day(InputKind::takeover, " AND value = 1"))},
           {"nothing on its way", set("0", of_day(InputKind::pending, " AND value != 0"))},
           {"another version of the zones",
            set("199901", of_day(InputKind::tzdata,
                                 " AND seq - 1 IN (SELECT seq FROM input WHERE value = 0)"))}}) {
    CAPTURE(what);
    Copy copy;
    copy.run(sql);
    const op::Audit audit = copy.audit();
    INFO(what, ": ", audit.other, " different, ", audit.lost, " lost; ", told(audit));
    CHECK_FALSE(audit.passed());
  }
}

TEST_CASE("one play altered or gone breaks the chain, and a document gone is told") {
  {
    Copy copy;
    copy.run("UPDATE play SET live_q4 = 9 WHERE seq = 1000");
    const op::Audit audit = copy.audit();
    REQUIRE(audit.faults.size() == 1);
    CHECK(audit.faults[0] == "row 1000 breaks the chain: it is not what was hashed");
  }
  {
    Copy copy;
    copy.run("DELETE FROM play WHERE seq = 1000");
    CHECK(copy.audit().faults.front() == "row 1001 follows row 999: rows between them are gone");
  }
  {
    Copy copy;
    fs::remove(copy.state / "telemetry/offered" / std::to_string(recorded_day().generation_2) /
               "manifest");
    const op::Audit audit = copy.audit();
    CHECK(audit.lost > 500);
    CHECK(audit.findings.front().find("cannot be made again: generation 2 does not exist") !=
          std::string::npos);
  }
  {
    Copy copy;
    fs::remove(copy.state / "identity/root.pub");
    fs::remove(copy.state / "identity/player/proof.key");
    const op::Audit audit = copy.audit();
    CHECK(audit.passed());
    CHECK(audit.signatures == 0);
    CHECK(audit.notes.size() == 2);
  }
}

TEST_CASE("an audit of what is not there says so in a line") {
  Copy copy;
  auto options = options_of(copy.state);
  options.day = "2026-12-24";
  CHECK(op::audit(options).error().message ==
        "2026-12-24 is not on record: the log of screen lobby-1 has days from 2026-11-23 to "
        "2026-11-25; nothing was audited");
  options.day = "2026-13-24";
  CHECK(op::audit(options).error().message.starts_with("--day: "));
  options = options_of(copy.directory / "nowhere");
  CHECK(op::audit(options).error().message.find("is no directory") != std::string::npos);
  fs::remove(copy.state / "player/plays.db");
  CHECK(op::audit(options_of(copy.state)).error().message.find("no player has kept a log") !=
        std::string::npos);
}

TEST_CASE("a moment and a play on record are explained as they were, one to come is simulated on") {
  const Copy copy;
  op::ExplainOptions options;
  options.state = copy.state;
  const auto ask = [&](const std::string& at, const std::string& play = "") {
    options.at = at;
    options.play = play;
    const auto text = op::explain(options, false);
    return text ? *text : text.error().message;
  };
  const auto has = [](const std::string& text, const char* part) {
    const bool found = text.find(part) != std::string::npos;
    CHECK_MESSAGE(found, text);
  };
  has(ask("2026-11-24 06:03"), "creative 7 'creative no 7': its file was not here");
  has(ask("2026-11-24 09:30"), "creative 6 'creative no 6': it failed on the glass");
  const std::string takeover = ask("2026-11-24 11:05");
  has(takeover, "chosen    the takeover, creative 900 'alarm', 30 s");
  has(takeover, "because   takeover: a signed takeover holds the screen");
  const std::string quota = ask("2026-11-24 14:03");
  has(quota, "because   quota-due: its ");
  has(quota, "plays due today; its turn in this hour is open from 14:");
  has(quota, "the log   row ");
  has(quota, "campaign 1 'campaign no 1': separation - played ");
  // Back from the end by two steps of the clock: the later of two that had that time.
  has(ask("2026-11-24 21:55"), "by the clocks of Europe/Berlin (clock held)");
  has(ask("2026-11-20 12:00"), "is before the first decision on record");
  const std::string future = ask("2026-11-25 10:00");
  has(future, "a simulation on from the log of screen lobby-1, which ends at 2026-11-25 01:00:");
  has(future, "(clock trusted)");
  has(ask("2029-11-25 10:00"), "more than a year on is not simulated");

  const std::int64_t seq = copy.find("SELECT seq FROM play WHERE clock_trust = 0 LIMIT 1");
  has(ask("", std::to_string(seq)), "a time the screen did not know");
  const std::int64_t ghost = copy.find("SELECT seq FROM play WHERE kind = 1 LIMIT 1");
  has(ask("", std::to_string(ghost)), "not       campaign 3 'campaign no 3': ghost - ");
  const std::int64_t miss = copy.find("SELECT seq FROM play WHERE kind = 2 LIMIT 1");
  has(ask("", std::to_string(miss)), "the same, but it was missed");
  has(ask("", "99999"), "--play 99999: the log of screen lobby-1 has rows 1 to ");
  has(ask("", "0123456789abcdef:7"), "the log of screen lobby-1 is ");
  has(ask("", "seven"), "no row of a log");
  has(ask("2026-11-24 14:03", "7"), "one of them");
}

TEST_CASE("the slots after a log go on with its documents, its files and what it played") {
  const Copy copy;
  op::NextOptions options;
  options.state = copy.state;
  options.count = 300;
  const auto text = op::next_slots(options, false);
  REQUIRE_MESSAGE(text, text.error().message);
  CHECK(text->find("creative 6 ") == std::string::npos);  // in quarantine
  CHECK(text->find("creative 7 ") != std::string::npos);
  CHECK(text->find("2026-11-25 01:0") != std::string::npos);
  options.at = "2026-11-24 12:00";
  CHECK(op::next_slots(options, false).error().message.find("what came before is in it") !=
        std::string::npos);
  options.at = "2026-11-25 09:00";
  options.count = 2;
  const auto later = op::next_slots(options, false);
  REQUIRE(later);
  CHECK(later->find("2026-11-25 09:00:") != std::string::npos);
}

TEST_CASE("a day whose documents the screen has pruned is decided again from the archive") {
  Copy copy;
  auto archive = DocumentArchive::open(copy.directory / "archive");
  REQUIRE(archive);
  const auto keep = [&](const std::string& jws) {
    const auto document = parse_envelope(jws);
    REQUIRE(document);
    REQUIRE(archive->keep_by_hash(*document));
  };
  StatePaths paths;
  paths.root = copy.state;
  std::vector<std::string> settings;
  for (const std::uint64_t number : GenerationStore(paths).list()) {
    const auto generation = GenerationStore(paths).read(number);
    REQUIRE(generation);
    const GenerationFiles& files = generation->files;
    for (const std::string* jws :
         {&files.schedule, &files.numbers, &files.profile, &files.settings})
      if (!jws->empty()) keep(*jws);
    settings.push_back(to_hex(sha256(as_bytes(files.settings))));
    fs::remove_all(copy.state / "telemetry/offered" / std::to_string(number));
  }
  for (const fs::path& file : numbered_files(paths.takeover())) {
    keep(*read_text(file));
    fs::remove(file);
  }
  CHECK(copy.audit().lost > 0);
  op::AuditOptions options = options_of(copy.state);
  options.archive.directory = copy.directory / "archive";
  const auto audited = op::audit(options);
  REQUIRE(audited);
  INFO(told(*audited));
  CHECK(audited->passed());
  CHECK(audited->decisions > 1000);
  // What no row names is named by the audit, by its hash.
  const bool names_settings =
      std::any_of(audited->notes.begin(), audited->notes.end(), [&](const std::string& note) {
        return note.find("the log does not name its settings: settings ") != std::string::npos &&
               std::any_of(settings.begin(), settings.end(), [&](const std::string& hash) {
                 return note.find(", sha256 " + hash + ",") != std::string::npos;
               });
      });
  CHECK(names_settings);
}

TEST_CASE("what a screen played after its log is what the simulation from there says") {
  // The log up to midnight of the last day, and the hour that really followed it: nothing happened
  // in it, so the simulation must find every play.
  Copy copy;
  const std::int64_t first =
      copy.find("SELECT MAX(decision_seq) FROM input WHERE kind = " + kind(InputKind::restated) +
                " AND value = 0");
  auto state = op::ScreenState::read(copy.state);
  REQUIRE(state);
  std::vector<PlayRow> then;
  for (const PlayRow& row : (*state)->record().log.plays) {
    if (row.decision_seq >= static_cast<std::uint64_t>(first) && row.kind != PlayKind::ghost)
      then.push_back(row);
  }
  REQUIRE(then.size() > 100);
  const std::string later = std::to_string(first);
  copy.run("DELETE FROM input WHERE decision_seq >= " + later +
           "; DELETE FROM play WHERE decision_seq >= " + later +
           "; DELETE FROM tally WHERE local_day = " + std::to_string(kTuesday + 1));
  auto cut = op::ScreenState::read(copy.state);
  REQUIRE(cut);
  Documents documents;
  auto screen = op::screen_after(**cut, documents);
  REQUIRE(screen);
  for (const PlayRow& row : then) {
    const Decision decision = screen->next().decision;
    CAPTURE(row.seq);
    REQUIRE(decision.campaign == row.campaign);
    REQUIRE(decision.creative == row.creative);
    REQUIRE(decision.reason == row.reason);
  }
}
