// What makes room in the logs of plays and of people, and what must not change by it.
#include <doctest/doctest.h>

#include "protocol/chain.hpp"
#include "state/exposure_log.hpp"
#include "state/play_log.hpp"
#include "temp_directory.hpp"

using namespace vitrine;

namespace {

const ScreenId kScreen = "lobby-1";
constexpr std::int64_t kFirstDay = 20'000;
constexpr std::uint64_t kPlaysADay = 400;

struct Log {
  testing::TempDirectory temp;
  PrivateKey key = PrivateKey::generate();
  PlayLog log = open();
  std::uint64_t decisions = 0;

  PlayLog open() {
    auto opened = PlayLog::open(temp / "plays.db", kScreen, key);
    REQUIRE(opened.ok());
    return std::move(*opened);
  }
  void input(InputKind kind, std::int64_t value) {
    InputRow row;
    row.decision_seq = decisions + 1;
    row.kind = kind;
    row.value = value;
    REQUIRE(log.append_inputs({row}).ok());
  }
  // As the player writes it: what holds is said anew at the day's first decision.
  void day(std::int64_t number) {
    input(InputKind::restated, number == 0 ? 1 : 0);
    plays_of(number);
  }
  void plays_of(std::int64_t number) {
    input(InputKind::generation, 5);
    for (std::uint64_t i = 0; i < kPlaysADay; ++i) {
      PlayRow row;
      row.decision_seq = ++decisions;
      row.campaign = 11;
      row.creative = 3;
      row.content.fill(0xab);
      REQUIRE(log.append(row, kFirstDay + number).ok());
    }
  }
  // A start of which nothing comes but its inputs.
  void idle_start() {
    input(InputKind::restated, 1);
    input(InputKind::generation, 5);
    ++decisions;
  }
  // On a screen that is switched off at night no day ever begins while it runs.
  void switched_on(std::int64_t number) {
    input(InputKind::restated, 1);
    plays_of(number);
  }
  void days(std::int64_t count) {
    for (std::int64_t number = 0; number < count; ++number) day(number);
  }
  std::vector<PlayRow> plays() const {
    auto reader = PlayLogReader::open(temp / "plays.db");
    std::vector<PlayRow> all;
    for (;;) {
      auto rows = reader->rows_after(all.empty() ? 0 : all.back().seq);
      REQUIRE(rows.ok());
      if (rows->empty()) return all;
      all.insert(all.end(), rows->begin(), rows->end());
    }
  }
  std::vector<InputRow> inputs() const {
    return *PlayLogReader::open(temp / "plays.db")->inputs_after(0);
  }
  std::int64_t used() const {
    auto reader = Database::open_reader(temp / "plays.db");
    return *bytes_used(*reader);
  }
};

}  // namespace

TEST_CASE("room is made by whole days: the log begins where the inputs of a day are said anew") {
  Log log;
  log.days(4);
  const std::int64_t full = log.used();
  CHECK(*log.log.prune(full) == 0);
  CHECK(log.plays().size() == 4 * kPlaysADay);

  CHECK(*log.log.prune(full - 1) == kPlaysADay);
  CHECK(log.plays().front().seq == kPlaysADay + 1);
  CHECK(log.inputs().front().decision_seq == kPlaysADay + 1);
  CHECK(log.inputs().front().kind == InputKind::restated);
  CHECK(log.inputs().size() == 3 * 2);
  CHECK(log.used() < full);

  CHECK(*log.log.prune(full / 3) == 2 * kPlaysADay);
  CHECK(log.plays().size() == kPlaysADay);
  CHECK(log.used() <= full / 3);
}

TEST_CASE("what is pruned counts on, and the chain goes on, also for a player that starts again") {
  Log log;
  log.days(3);
  REQUIRE(*log.log.prune(log.used() / 2) > 0);
  const auto tally = *log.log.tally(kFirstDay, kFirstDay + 2);
  REQUIRE(tally.size() == 3);
  for (const auto& day : tally) CHECK(day.plays == kPlaysADay);

  log.log = log.open();
  CHECK(log.log.last_seq() == 3 * kPlaysADay);
  CHECK(log.log.next_decision_seq() == log.decisions + 1);
  log.day(3);
  const auto plays = log.plays();
  for (std::size_t i = 1; i < plays.size(); ++i) {
    REQUIRE(plays[i].seq == plays[i - 1].seq + 1);
    REQUIRE(plays[i].chain == chain_next(plays[i - 1].chain, plays[i]));
  }
  CHECK(plays.back().seq == 4 * kPlaysADay);
}

TEST_CASE("a day alone gives its first plays, and the last one stays whatever is asked") {
  Log log;
  log.day(0);
  CHECK(*log.log.prune(1) == kPlaysADay - 1);
  REQUIRE(log.plays().size() == 1);
  CHECK(log.plays()[0].seq == kPlaysADay);
  CHECK(*log.log.prune(1) == 0);
  CHECK(log.inputs().size() == 2);  // what holds for it is still said
  log.log = log.open();
  log.day(1);
  CHECK(log.plays().size() == kPlaysADay + 1);
}

TEST_CASE("a log that is asked as often as the player does stays near its bound for ever") {
  Log log;
  constexpr std::int64_t kBound = 400'000;
  std::int64_t most = 0;
  for (std::int64_t number = 0; number < 12; ++number) {
    log.day(number);
    REQUIRE(log.log.prune(kBound).ok());
    most = std::max(most, log.used());
  }
  CHECK(most <= kBound);
  CHECK(fs::file_size(log.temp / "plays.db") < 2 * kBound);
  CHECK(log.plays().size() >= kPlaysADay);
  CHECK(log.log.tally(kFirstDay, kFirstDay + 11)->size() == 12);
}

TEST_CASE(
    "the oldest exposures and minutes go together, the newest stay, and no number is given twice") {
  testing::TempDirectory temp;
  auto log = ExposureLog::open(temp / "exposure.db");
  REQUIRE(log.ok());
  std::vector<ExposureRow> plays(2'000);
  for (std::size_t i = 0; i < plays.size(); ++i) {
    plays[i].play_log_id = 7;
    plays[i].play_seq = i + 1;
  }
  REQUIRE(log->append(plays).ok());
  REQUIRE(log->append_flow(std::vector<FlowRow>(1'000)).ok());
  CHECK(*log->prune() == 0);
  CHECK(*log->prune(100'000) > 0);
  auto reader = ExposureLogReader::open(temp / "exposure.db");
  auto file = Database::open_reader(temp / "exposure.db");
  CHECK(*bytes_used(*file) <= 100'000);
  const auto exposures = *reader->exposures_after(1'500);
  REQUIRE_FALSE(exposures.empty());
  CHECK(exposures.back().seq == 2'000);
  CHECK(reader->exposures_after(0)->front().seq > 1);
  CHECK(reader->flows_after(0)->front().seq > 1);
  CHECK(reader->flows_after(0, 500)->back().seq > 500);
  CHECK(*log->last_play_seq(7) == 2'000);

  CHECK(*log->prune(1) > 0);
  CHECK(*log->prune(1) == 0);
  CHECK(reader->exposures_after(0)->size() == 1);
  ExposureRow next;
  next.play_log_id = 7;
  next.play_seq = 2'001;
  REQUIRE(log->append({next}).ok());
  CHECK(reader->exposures_after(0)->back().seq == 2'001);
}

TEST_CASE("where each day begins with a start, the oldest goes whole and its inputs with it") {
  Log log;
  for (std::int64_t number = 0; number < 4; ++number) log.switched_on(number);
  const std::int64_t full = log.used();
  CHECK(*log.log.prune(full - 1) == kPlaysADay);
  CHECK(log.plays().front().seq == kPlaysADay + 1);
  CHECK(log.inputs().front().decision_seq == kPlaysADay + 1);
  CHECK(log.inputs().size() == 3 * 2);
}

TEST_CASE("the inputs of players that came to nothing go before any play does") {
  Log log;
  log.day(0);
  for (int i = 0; i < 1'000; ++i) log.idle_start();
  log.day(1);
  for (int i = 0; i < 1'000; ++i) log.idle_start();
  const std::int64_t full = log.used();
  CHECK(*log.log.prune(full - 1) == 0);
  CHECK(log.plays().size() == 2 * kPlaysADay);
  CHECK(log.inputs().size() == 2 + 2 + 2);  // of both days, and of the newest start
  CHECK(log.used() < full);
  log.log = log.open();
  CHECK(log.log.next_decision_seq() == log.decisions + 1);
}
