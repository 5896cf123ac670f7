#include <doctest/doctest.h>

#include <random>

#include "player/schedule_programme.hpp"
#include "protocol/chain.hpp"
#include "screen.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

// Keeps what it is given, as the recorder would store it.
struct Rows final : PlaySink {
  void play(const PlayRow& row, std::int64_t local_day) override {
    plays.push_back(row);
    days.push_back(local_day);
  }
  void input(const InputRow& row) override { inputs.push_back(row); }
  std::vector<PlayRow> plays;
  std::vector<std::int64_t> days;
  std::vector<InputRow> inputs;
};

struct Stage {
  Screen screen;
  Rows rows;
  ShotBook shots;
  std::unique_ptr<ScheduleProgramme> programme;

  Stage() { restart(); }
  void restart() {
    programme = std::make_unique<ScheduleProgramme>(
        ScheduleProgramme::Setup{screen.clock,
                                 screen.paths,
                                 screen.board,
                                 rows,
                                 screen.zone,
                                 1,
                                 [this] { return static_cast<std::uint64_t>(rows.plays.size()); },
                                 nullptr,
                                 nullptr,
                                 {},
                                 &shots},
        ScreenLog());
  }

  // What the presenter does with one item, frames and all.
  PlayFigures begin(const PlannedItem& item, Micros seam) {
    PlayFigures figures;
    figures.planned_start = seam;
    figures.planned_length = item.length;
    figures.display_bits = kDisplayConnected;
    programme->starting(item);
    figures.shown = true;
    figures.first_flip = figures.last_flip = screen.clock.boottime();
    figures.frames_due = figures.frames_shown = 1;
    figures.grade = Grade::presented;
    figures.decoder = Decoder::software;
    programme->shown(item, figures);
    return figures;
  }
  void finish(const PlannedItem& item, PlayFigures figures, Micros length) {
    screen.clock.advance(length);
    figures.last_flip = screen.clock.boottime() - 40 * kMillisecond;
    figures.frames_due = figures.frames_shown = 125;
    programme->progress(item, figures);
    figures.ended = screen.clock.boottime();
    programme->ended(item, figures);
  }
  std::optional<PlannedItem> next() { return programme->next(screen.clock.boottime()); }
  void fail_to_open(const PlannedItem& item) {
    PlayFigures figures;
    figures.planned_start = screen.clock.boottime();
    figures.planned_length = item.length;
    figures.cut_cause = CutCause::decode_error;
    figures.error = "no frame could be decoded";
    programme->ended(item, figures);
  }
};

}  // namespace

TEST_CASE("a play becomes one row with everything that was decided and seen") {
  Stage stage;
  auto keeper = stage.screen.keeper();
  stage.screen.confirm_first(*keeper);
  const auto first = stage.next();
  REQUIRE(first);
  CHECK(first->length == 5 * kSecond);
  CHECK(first->label == "creative 1");
  CHECK(sha256_of_file(first->file).value() == stage.screen.contents[0]);
  const PlayFigures figures = stage.begin(*first, stage.screen.clock.boottime());
  const auto second = stage.next();
  REQUIRE(second);
  stage.finish(*first, figures, 5 * kSecond);

  REQUIRE(stage.rows.plays.size() == 1);
  const PlayRow& row = stage.rows.plays[0];
  CHECK(row.kind == PlayKind::play);
  CHECK(row.boot == stage.screen.clock.boot_id());
  CHECK(row.planned_length_us == 5 * kSecond);
  CHECK(row.first_flip_us == figures.first_flip);
  CHECK(row.last_flip_us == figures.first_flip + 5 * kSecond - 40 * kMillisecond);
  CHECK(row.generation == 1);
  CHECK(row.schedule_version == 10);
  CHECK(row.decision_seq == 1);
  CHECK(row.reason == Reason::weight_due);
  CHECK(row.runner_up == 0);
  CHECK(row.live_q4 == 16);
  CHECK(row.campaign == 1);
  CHECK(row.creative == 1);
  CHECK(row.variant == 1);
  CHECK(row.content == stage.screen.contents[0]);
  CHECK(row.frames_shown == 125);
  CHECK(row.grade == Grade::presented);
  CHECK(row.display_bits == kDisplayConnected);
  CHECK(row.verdict_bits == (kVerdictFull | kVerdictThreeQuarters | kVerdictTwoSeconds));
  CHECK(row.cut_cause == CutCause::none);
  CHECK(row.decoder == Decoder::software);
  CHECK(row.clock_trust == ClockTrust::held);
  CHECK(row.next_creative == 2);
  CHECK(stage.rows.days[0] == stage.screen.clock.realtime() / kDay);
}

TEST_CASE("the row of a play names the first picture that was taken of it, and no other's") {
  Stage stage;
  auto keeper = stage.screen.keeper();
  stage.screen.confirm_first(*keeper);
  const auto first = stage.next();
  REQUIRE(first);
  const PlayFigures figures = stage.begin(*first, stage.screen.clock.boottime());
  const auto second = stage.next();
  REQUIRE(second);
  CHECK_FALSE(stage.shots.note(second->ticket, Hash256{9}));  // not on the glass yet
  CHECK(stage.shots.note(first->ticket, Hash256{1}));
  CHECK_FALSE(stage.shots.note(first->ticket, Hash256{2}));
  stage.programme->progress(*first, figures);
  // A kill would not lose it.
  const auto open = read_open_play(stage.screen.paths.open_play());
  REQUIRE(open);
  CHECK(open->row.shot == Hash256{1});
  stage.finish(*first, figures, 5 * kSecond);
  CHECK_FALSE(stage.shots.note(first->ticket, Hash256{3}));  // too late
  stage.finish(*second, stage.begin(*second, stage.screen.clock.boottime()), 5 * kSecond);
  REQUIRE(stage.rows.plays.size() == 2);
  CHECK(stage.rows.plays[0].shot == Hash256{1});
  CHECK(stage.rows.plays[1].shot == Hash256{});
}

TEST_CASE("what the schedule or a takeover mutes goes to the glass muted, and nothing else") {
  Stage stage;
  Screen& screen = stage.screen;
  auto keeper = screen.keeper();
  screen.contents = {screen.add_content("first"), screen.add_content("second")};
  Schedule schedule = Screen::schedule_of(screen.contents);
  schedule.creatives[0].muted = true;
  screen.offer({screen.sign(DocumentKind::schedule, 10, write_schedule(schedule), screen.person,
                            "operator-1"),
                "", "", ""});
  keeper->tick();
  for (int i = 0; i < 4; ++i) {
    const auto item = stage.next();
    REQUIRE(item);
    CHECK(item->muted == (item->label == "creative 1"));
    stage.finish(*item, stage.begin(*item, screen.clock.boottime()), 5 * kSecond);
  }
}

TEST_CASE("verdicts are what was seen, not what was planned") {
  constexpr Micros from = 100 * kSecond;
  const auto bits = [](Micros shown, Micros planned) {
    return verdict_bits(from, from + shown, planned);
  };
  constexpr std::uint32_t all = kVerdictFull | kVerdictThreeQuarters | kVerdictTwoSeconds;
  CHECK(bits(10'000'000, 10'000'000) == all);
  CHECK(bits(9'500'000, 10'000'000) == all);
  CHECK(bits(10'500'000, 10'000'000) == all);
  CHECK(bits(9'499'999, 10'000'000) == (kVerdictThreeQuarters | kVerdictTwoSeconds));
  CHECK(bits(10'500'001, 10'000'000) == (kVerdictThreeQuarters | kVerdictTwoSeconds));
  CHECK(bits(7'499'999, 10'000'000) == kVerdictTwoSeconds);
  CHECK(bits(1'999'999, 10'000'000) == 0);
  CHECK(bits(1'600'000, 2'000'000) == (kVerdictFull | kVerdictThreeQuarters));
  CHECK(verdict_bits(kAbsent, from, 10 * kSecond) == 0);
}

TEST_CASE(
    "a creative that fails three times on the glass is quarantined, at once and over restarts") {
  Stage stage;
  auto keeper = stage.screen.keeper();
  stage.screen.confirm_first(*keeper);
  int failures = 0;
  for (int i = 0; i < 8; ++i) {
    const auto item = stage.next();
    REQUIRE(item);
    if (item->label == "creative 1") {
      ++failures;
      stage.fail_to_open(*item);
    } else {
      stage.finish(*item, stage.begin(*item, stage.screen.clock.boottime()), 5 * kSecond);
    }
  }
  CHECK(failures == 3);
  keeper->tick();
  CHECK(fs::exists(stage.screen.paths.quarantine() / to_hex(stage.screen.contents[0])));
  int misses = 0;
  for (const PlayRow& row : stage.rows.plays) {
    if (row.kind != PlayKind::miss) continue;
    ++misses;
    CHECK(row.first_flip_us == kAbsent);
    CHECK(row.verdict_bits == 0);
  }
  CHECK(misses == 3);

  stage.restart();
  auto later = stage.screen.keeper();
  for (int i = 0; i < 3; ++i) {
    const auto item = stage.next();
    REQUIRE(item);
    CHECK(item->label == "creative 2");
    stage.finish(*item, stage.begin(*item, stage.screen.clock.boottime()), 5 * kSecond);
  }
}

TEST_CASE(
    "a creative whose file was altered in its play is not shown until that is whole, and is not "
    "quarantined") {
  Stage stage;
  auto keeper = stage.screen.keeper();
  stage.screen.confirm_first(*keeper);
  const auto look = [&] {
    stage.screen.clock.advance(kSecond);
    keeper->tick();
  };
  const auto plays_first = [&] {
    bool played = false;
    for (int i = 0; i < 4; ++i) {
      const auto item = stage.next();
      REQUIRE(item);
      CHECK((item->blocks && item->blocks->size == fs::file_size(item->file)));
      played |= item->label == "creative 1";
      stage.finish(*item, stage.begin(*item, stage.screen.clock.boottime()), 5 * kSecond);
    }
    return played;
  };
  const auto cut_first = [&](const std::string& bytes) {
    for (int i = 0; i < 8; ++i) {
      const auto item = stage.next();
      REQUIRE(item);
      PlayFigures figures = stage.begin(*item, stage.screen.clock.boottime());
      if (item->label == "creative 1") {
        if (!bytes.empty()) REQUIRE(overwrite_in_place(item->file, as_bytes(bytes)));
        figures.altered = true;
        figures.cut_cause = CutCause::decode_error;
        stage.finish(*item, figures, 2 * kSecond);
        return item->file;
      }
      stage.finish(*item, figures, 5 * kSecond);
    }
    FAIL("it is never its turn");
    return fs::path();
  };
  for (int time = 0; time < 3; ++time) {
    const fs::path file = cut_first("furst");
    CHECK(stage.rows.plays.back().cut_cause == CutCause::decode_error);
    CHECK(stage.rows.plays.back().content == stage.screen.contents[0]);
    CHECK_FALSE(plays_first());  // at once
    look();
    CHECK_FALSE(plays_first());  // and as long as it lies there
    REQUIRE(overwrite_in_place(file, as_bytes("first")));
    look();
    CHECK(plays_first());
  }
  // Read wrongly without a trace on the file: it is hashed again before it is shown again.
  cut_first("");
  CHECK_FALSE(plays_first());
  look();
  CHECK(plays_first());
  CHECK(list_directory(stage.screen.paths.quarantine()).empty());
}

TEST_CASE(
    "an ineligible creative is never handed to the presenter, whatever becomes of the files") {
  Stage stage;
  auto keeper = stage.screen.keeper();
  std::vector<Hash256> contents;
  for (int i = 0; i < 6; ++i)
    contents.push_back(stage.screen.add_content("content " + std::to_string(i)));
  stage.screen.offer_schedule(10, contents);
  std::mt19937 random(5);
  int shown = 0;
  for (int slot = 0; slot < 200; ++slot) {
    const std::size_t which = random() % contents.size();
    const fs::path file = ContentStore(stage.screen.paths.content()).path_of(contents[which]);
    Verdict verdict;
    verdict.sha256 = contents[which];
    switch (random() % 4) {
      case 0:
        fs::remove(file);
        break;
      case 1:
        REQUIRE(write_atomic(file, "altered " + std::to_string(slot)).ok());
        break;
      case 2:
        REQUIRE(write_verdict(stage.screen.paths.verdicts(), verdict).ok());
        break;
      default:
        stage.screen.add_content("content " + std::to_string(which));
    }
    stage.screen.clock.advance(kSecond);
    keeper->tick();
    const auto item = stage.next();
    if (!item) continue;
    ++shown;
    const Hash256 content = *hash_from_hex(item->file.filename().string());
    REQUIRE(read_verdict(stage.screen.paths.verdicts(), content).value()->eligible);
    REQUIRE(sha256_of_file(item->file).value() == content);
    stage.finish(*item, stage.begin(*item, stage.screen.clock.boottime()), 5 * kSecond);
  }
  CHECK(shown > 100);
}

TEST_CASE(
    "with nothing to show the answer is none, the reason is told, and the keeper hears since "
    "when") {
  Stage stage;
  CHECK_FALSE(stage.next());
  const auto live = read_player_live(stage.screen.paths, stage.screen.clock.boottime());
  REQUIRE(live);
  CHECK(live->error == "no schedule is in force");
  const Micros since = stage.screen.clock.boottime();
  stage.screen.clock.advance(kSecond);
  CHECK_FALSE(stage.next());
  CHECK(stage.screen.board.last_report().unplayable_since == since);
}

TEST_CASE("a generation played to its time is confirmed, from the first item to player/active") {
  Stage stage;
  auto keeper = stage.screen.keeper();
  stage.screen.contents = {stage.screen.add_content("a"), stage.screen.add_content("b")};
  stage.screen.offer_schedule(10, stage.screen.contents);
  keeper->tick();
  for (int i = 0; i < 12; ++i) {
    CHECK(stage.screen.active().confirmed == 0);
    const auto item = stage.next();
    REQUIRE(item);
    stage.finish(*item, stage.begin(*item, stage.screen.clock.boottime()), 5 * kSecond);
    keeper->tick();
  }
  CHECK(stage.screen.active().confirmed == 1);
}

TEST_CASE("every change of an input is a row of its own, valid from a decision on") {
  Stage stage;
  auto keeper = stage.screen.keeper();
  stage.screen.confirm_first(*keeper);
  REQUIRE(stage.next());
  const auto count = [&](InputKind kind) {
    return std::count_if(stage.rows.inputs.begin(), stage.rows.inputs.end(),
                         [&](const InputRow& row) { return row.kind == kind; });
  };
  CHECK(count(InputKind::generation) == 1);
  CHECK(count(InputKind::clock_trust) == 1);
  CHECK(count(InputKind::content_present) == 2);
  CHECK(stage.rows.inputs.front().decision_seq == 1);
  fs::remove(ContentStore(stage.screen.paths.content()).path_of(stage.screen.contents[0]));
  stage.screen.clock.advance(kSecond);
  keeper->tick();
  REQUIRE(stage.next());
  CHECK(count(InputKind::content_absent) == 1);
  CHECK(stage.rows.inputs.back().decision_seq == 2);
}

TEST_CASE(
    "killed on the glass: the next player stores a cut row, complete rows as they are, and each "
    "once") {
  Stage stage;
  auto keeper = stage.screen.keeper();
  stage.screen.confirm_first(*keeper);
  // Its end was told, but the log never got it; the second was on the glass; the third about to be
  // flipped.
  const auto first = stage.next();
  const PlayFigures first_figures = stage.begin(*first, stage.screen.clock.boottime());
  const auto second = stage.next();
  stage.screen.clock.advance(5 * kSecond);
  PlayFigures second_figures = stage.begin(*second, stage.screen.clock.boottime());
  stage.finish(*first, first_figures, 0);
  second_figures.last_flip += 3 * kSecond;
  stage.screen.clock.advance(3 * kSecond);
  stage.programme->progress(*second, second_figures);
  const auto third = stage.next();
  stage.programme->starting(*third);

  const PrivateKey proof = PrivateKey::generate();
  auto log = PlayLog::open(stage.screen.paths.plays_log(), "lobby-1", proof);
  REQUIRE(log);
  auto added = recover_open_plays(stage.screen.paths, *log);
  REQUIRE(added);
  CHECK(*added == 3);
  const auto rows = log->newest(10).value();
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].cut_cause == CutCause::none);
  CHECK((rows[0].verdict_bits & kVerdictFull) != 0);
  CHECK(rows[1].kind == PlayKind::play);
  CHECK(rows[1].cut_cause == CutCause::killed);
  CHECK(rows[1].first_flip_us == second_figures.first_flip);
  CHECK(rows[1].last_flip_us == second_figures.last_flip);
  CHECK(rows[1].verdict_bits == kVerdictTwoSeconds);
  CHECK(rows[2].kind == PlayKind::miss);
  CHECK(rows[2].cut_cause == CutCause::killed);
  CHECK(log->next_decision_seq() == 4);
  CHECK(verify_chain(proof.public_key(), "lobby-1", log->log_id(), 3, rows[2].chain,
                     rows[2].signature));
  CHECK(recover_open_plays(stage.screen.paths, *log).value() == 0);
}

TEST_CASE("a play stored just before the kill is not stored again") {
  Stage stage;
  auto keeper = stage.screen.keeper();
  stage.screen.confirm_first(*keeper);
  const auto item = stage.next();
  stage.finish(*item, stage.begin(*item, stage.screen.clock.boottime()), 5 * kSecond);
  auto log = PlayLog::open(stage.screen.paths.plays_log(), "lobby-1", PrivateKey::generate());
  REQUIRE(log);
  REQUIRE(log->append(stage.rows.plays[0], stage.rows.days[0]).ok());
  CHECK(recover_open_plays(stage.screen.paths, *log).value() == 0);  // its file was still there
  CHECK(log->last_seq() == 1);
}

TEST_CASE("history survives a restart: the creative shown last is not the first again") {
  Stage stage;
  auto keeper = stage.screen.keeper();
  stage.screen.confirm_first(*keeper);
  const auto item = stage.next();
  stage.finish(*item, stage.begin(*item, stage.screen.clock.boottime()), 5 * kSecond);
  ScreenLog log;
  log.plays = stage.rows.plays;
  log.inputs = stage.rows.inputs;
  log.tally = {{1, 1, stage.rows.days[0], 1}};
  ScheduleProgramme later({stage.screen.clock,
                           stage.screen.paths,
                           stage.screen.board,
                           stage.rows,
                           stage.screen.zone,
                           2,
                           {}},
                          std::move(log));
  CHECK(later.next(stage.screen.clock.boottime())->label == "creative 2");
}

TEST_CASE("a takeover is urgent as it begins, ends, is withdrawn and gives way to another") {
  Stage stage;
  Screen& screen = stage.screen;
  auto keeper = screen.keeper();
  screen.confirm_first(*keeper);
  const auto offer = [&](std::uint64_t version, std::int64_t from_s, std::int64_t until_s) {
    ActiveTakeover takeover;
    const std::int64_t now = screen.clock.realtime() / kSecond;
    Creative creative = screen.board.newest()->documents->schedule.creatives[1];
    creative.id = 900;
    creative.label = "evacuation " + std::to_string(version);
    creative.length_ms = 100'000;
    creative.muted = true;
    takeover.takeover.creative = 900;
    takeover.takeover.creatives = {creative};
    takeover.takeover.from_utc = now + from_s;
    takeover.takeover.until_utc = now + until_s;
    takeover.mark = {DocumentKind::takeover, {}, version};
    auto inputs = std::make_shared<PlayInputs>(*screen.board.newest());
    inputs->takeover = std::make_shared<const ActiveTakeover>(takeover);
    screen.board.publish(std::move(inputs));
  };
  const auto withdraw = [&] {
    auto inputs = std::make_shared<PlayInputs>(*screen.board.newest());
    inputs->takeover = nullptr;
    screen.board.publish(std::move(inputs));
  };
  using Urgency = Programme::Urgency;
  ScheduleProgramme& programme = *stage.programme;

  const auto usual = stage.next();
  PlayFigures figures = stage.begin(*usual, screen.clock.boottime());
  CHECK(programme.urgency() == Urgency::none);
  offer(3, 2, 60);
  CHECK(programme.urgency() == Urgency::none);
  screen.clock.advance(2 * kSecond);
  REQUIRE(programme.urgency() == Urgency::anew);

  const auto first = stage.next();
  CHECK(first->label == "evacuation 3");
  CHECK(first->length == 58 * kSecond);  // the rest of its time
  CHECK(first->muted);
  CHECK_FALSE(usual->muted);
  CHECK(first->whole == 100 * kSecond);
  CHECK(first->cut_cause == CutCause::takeover);
  figures.cut_cause = CutCause::takeover;
  stage.finish(*usual, figures, 0);
  figures = stage.begin(*first, screen.clock.boottime());
  CHECK(programme.urgency() == Urgency::none);
  CHECK(stage.rows.plays.back().cut_cause == CutCause::takeover);
  CHECK(stage.rows.plays.back().last_flip_us <= screen.clock.boottime());

  offer(4, 0, 10);
  REQUIRE(programme.urgency() == Urgency::anew);
  const auto second = stage.next();
  CHECK(second->label == "evacuation 4");
  stage.finish(*first, figures, 0);
  figures = stage.begin(*second, screen.clock.boottime());
  CHECK(programme.urgency() == Urgency::none);
  screen.clock.advance(10 * kSecond);
  CHECK(programme.urgency() == Urgency::anew);
  CHECK(stage.next()->label.starts_with("creative"));

  offer(5, 0, 60);
  stage.finish(*second, figures, 0);
  const auto third = stage.next();
  CHECK(third->label == "evacuation 5");
  figures = stage.begin(*third, screen.clock.boottime());
  CHECK(programme.urgency() == Urgency::none);
  withdraw();
  CHECK(programme.urgency() == Urgency::anew);
}
