// Rows from a real plays.db, written as the player writes it.
#include "audience/keeper.hpp"

#include <doctest/doctest.h>

#include "manual_clock.hpp"
#include "temp_directory.hpp"

using namespace vitrine;
using vitrine::testing::ManualClock;
using vitrine::testing::TempDirectory;

namespace {

struct Desk {
  TempDirectory dir;
  ManualClock clock;
  PresenceTimeline timeline{Quality::flow, Method::mog2, {}};
  std::optional<PlayLog> player;
  std::optional<ExposureLog> log;
  std::optional<ExposureKeeper> keeper;
  Micros start = clock.boottime();

  Desk() { begin(); }
  fs::path plays() const { return dir / "plays.db"; }

  // The audience daemon starts (again).
  void begin() {
    keeper.reset();
    log.reset();
    auto opened = ExposureLog::open(dir / "exposure.db");
    REQUIRE_MESSAGE(opened.ok(), opened.error().message);
    log.emplace(std::move(*opened));
    keeper.emplace(plays(), clock, timeline, *log);
  }
  void start_player() {
    auto opened = PlayLog::open(plays(), "screen-1", PrivateKey::generate());
    REQUIRE_MESSAGE(opened.ok(), opened.error().message);
    player.emplace(std::move(*opened));
  }
  // One person in view all the time, ten frames a second.
  void watch(Micros until) {
    for (Micros at = clock.boottime(); at <= until; at += 100 * kMillisecond) {
      Track track;
      track.id = 1;
      track.first_seen = start;
      track.last_seen = at;
      track.confirmed = track.seen = true;
      timeline.frame(at, true, {track}, {});
    }
    clock.advance(until - clock.boottime());
  }
  std::uint64_t play(PlayKind kind, Micros from, Micros until,
                     BootId boot = ManualClock().boot_id()) {
    PlayRow row;
    row.kind = kind;
    row.boot = boot;
    row.planned_start_us = from;
    row.planned_length_us = until - from;
    if (kind != PlayKind::ghost && kind != PlayKind::miss) {
      row.first_flip_us = from;
      row.last_flip_us = until;
    }
    row.campaign = 1;
    row.creative = 2;
    auto written = player->append(row, 20000);
    REQUIRE_MESSAGE(written.ok(), written.error().message);
    return written->seq;
  }
  void tick() { tick_until(timeline.complete_until(clock.boottime())); }
  void tick_until(Micros until) {
    const Status done = keeper->tick(until);
    REQUIRE_MESSAGE(done.ok(), done.error().message);
  }
  std::vector<ExposureRow> rows() {
    auto reader = ExposureLogReader::open(dir / "exposure.db");
    REQUIRE(reader.ok());
    auto all = reader->exposures_after(0);
    REQUIRE(all.ok());
    return *all;
  }
};

}  // namespace

TEST_CASE("each play gets one row, and no second one however often is asked") {
  Desk desk;
  desk.start_player();
  desk.watch(desk.start + 21 * kSecond);
  for (int i = 0; i < 4; ++i) {
    desk.play(PlayKind::play, desk.start + i * 5 * kSecond, desk.start + (i + 1) * 5 * kSecond);
  }
  desk.tick();
  desk.tick();
  const auto rows = desk.rows();
  REQUIRE(rows.size() == 4);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CHECK(rows[i].seq == i + 1);
    CHECK(rows[i].play_log_id == desk.player->log_id());
    CHECK(rows[i].play_seq == i + 1);
    CHECK(rows[i].person_ms == 5000);
    CHECK(rows[i].coverage_permille == 1000);
    CHECK(rows[i].quality == Quality::flow);
    CHECK(rows[i].method == Method::mog2);
    CHECK(rows[i].ots == kAbsent);
  }
}

TEST_CASE("a play's row waits until the timeline has passed its end") {
  Desk desk;
  desk.start_player();
  desk.watch(desk.start + 10 * kSecond);
  desk.play(PlayKind::play, desk.start, desk.start + 5 * kSecond);
  desk.play(PlayKind::house, desk.start + 5 * kSecond, desk.start + 10 * kSecond);
  desk.tick_until(desk.start + 9 * kSecond);
  CHECK(desk.rows().size() == 1);
  desk.tick_until(desk.start + 10 * kSecond);
  CHECK(desk.rows().size() == 2);
}

TEST_CASE("what was shown gets a row whatever its kind; ghosts and misses get none") {
  Desk desk;
  desk.start_player();
  desk.watch(desk.start + 20 * kSecond);
  const auto at = [&](int i) { return desk.start + i * 2 * kSecond; };
  desk.play(PlayKind::ghost, at(0), at(1));
  const auto takeover = desk.play(PlayKind::takeover, at(1), at(2));
  desk.play(PlayKind::miss, at(2), at(3));
  const auto house = desk.play(PlayKind::house, at(3), at(4));
  const auto play = desk.play(PlayKind::play, at(4), at(5));
  desk.play(PlayKind::ghost, at(5), at(6));
  desk.tick();
  const auto rows = desk.rows();
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].play_seq == takeover);
  CHECK(rows[1].play_seq == house);
  CHECK(rows[2].play_seq == play);
}

TEST_CASE("without a camera every play has its row, with coverage 0 and quality none") {
  Desk desk;
  desk.start_player();
  desk.clock.advance(10 * kSecond);
  desk.play(PlayKind::play, desk.start, desk.start + 5 * kSecond);
  desk.play(PlayKind::play, desk.start + 5 * kSecond, desk.start + 10 * kSecond);
  desk.tick();
  const auto rows = desk.rows();
  REQUIRE(rows.size() == 2);
  CHECK(rows[1].coverage_permille == 0);
  CHECK(rows[1].quality == Quality::none);
  CHECK(rows[1].person_ms == 0);
}

TEST_CASE("plays from before the start and from another boot have their rows at once, blind") {
  Desk desk;
  desk.start_player();
  desk.play(PlayKind::play, desk.start - 20 * kSecond, desk.start - 10 * kSecond);
  // Times of another boot may look like any time of this one, also like the future.
  desk.play(PlayKind::play, desk.start, desk.start + 5 * kSecond, BootId{9, 9});
  desk.play(PlayKind::play, desk.start + kHour, desk.start + kHour + kSecond, BootId{9, 9});
  desk.watch(desk.start + 6 * kSecond);
  desk.tick();
  const auto rows = desk.rows();
  REQUIRE(rows.size() == 3);
  for (const auto& row : rows) CHECK(row.quality == Quality::none);
}

TEST_CASE("a row that claims to end in the far future does not block those behind it") {
  Desk desk;
  desk.start_player();
  desk.watch(desk.start + 10 * kSecond);
  desk.play(PlayKind::play, desk.start, desk.start + kDay);
  desk.play(PlayKind::play, desk.start, desk.start + 5 * kSecond);
  desk.tick();
  const auto rows = desk.rows();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].quality == Quality::none);
  CHECK(rows[1].quality == Quality::flow);
}

TEST_CASE("after a restart it goes on behind the last play that has its row") {
  Desk desk;
  desk.start_player();
  desk.watch(desk.start + 10 * kSecond);
  desk.play(PlayKind::play, desk.start, desk.start + 5 * kSecond);
  desk.tick();
  CHECK(desk.rows().size() == 1);
  desk.begin();
  desk.play(PlayKind::play, desk.start + 5 * kSecond, desk.start + 10 * kSecond);
  desk.tick();
  const auto rows = desk.rows();
  REQUIRE(rows.size() == 2);
  CHECK(rows[1].play_seq == 2);
  CHECK(desk.keeper->rows() == 1);
}

TEST_CASE("a restart in the middle of a play is coverage that its row lacks") {
  Desk desk;
  desk.start_player();
  desk.watch(desk.start + 4 * kSecond);
  // The new process knows nothing of what the old one saw.
  PresenceTimeline fresh(Quality::flow, Method::mog2, {});
  ExposureKeeper again(desk.plays(), desk.clock, fresh, *desk.log);
  for (Micros at = desk.start + 5 * kSecond; at <= desk.start + 11 * kSecond;
       at += 100 * kMillisecond)
    fresh.frame(at, true, {}, {});
  desk.clock.advance(7 * kSecond);
  desk.play(PlayKind::play, desk.start, desk.start + 10 * kSecond);
  REQUIRE(again.tick(fresh.complete_until(desk.clock.boottime())).ok());
  const auto rows = desk.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].coverage_permille == 500);
  CHECK(rows[0].person_ms == 0);
  CHECK(rows[0].quality == Quality::flow);
}

TEST_CASE("no player yet is no trouble; its log is followed once it is there") {
  Desk desk;
  desk.tick();
  CHECK(desk.rows().empty());
  desk.start_player();
  desk.watch(desk.start + 10 * kSecond);
  desk.play(PlayKind::play, desk.start, desk.start + 5 * kSecond);
  desk.tick();
  CHECK(desk.rows().size() == 1);
}

TEST_CASE("a log that replaced the one before is followed from its first play") {
  Desk desk;
  desk.start_player();
  desk.watch(desk.start + 20 * kSecond);
  desk.play(PlayKind::play, desk.start, desk.start + 5 * kSecond);
  desk.play(PlayKind::play, desk.start + 5 * kSecond, desk.start + 10 * kSecond);
  desk.tick();
  const LogId first = desk.player->log_id();
  desk.player.reset();
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::error_code ignored;
    fs::rename(desk.plays().string() + suffix, desk.plays().string() + ".aside" + suffix, ignored);
  }
  desk.start_player();
  REQUIRE(desk.player->log_id() != first);
  desk.play(PlayKind::play, desk.start + 10 * kSecond, desk.start + 15 * kSecond);
  desk.tick();
  desk.tick();
  const auto rows = desk.rows();
  REQUIRE(rows.size() == 3);
  CHECK(rows[2].play_log_id == desk.player->log_id());
  CHECK(rows[2].play_seq == 1);
  CHECK(rows[2].person_ms == 5000);
}

TEST_CASE("a long backlog is worked off in one tick, in order") {
  Desk desk;
  desk.start_player();
  for (int i = 0; i < 450; ++i) {
    desk.play(PlayKind::play, desk.start - 900 * kSecond + i * kSecond,
              desk.start - 899 * kSecond + i * kSecond);
  }
  desk.tick();
  const auto rows = desk.rows();
  REQUIRE(rows.size() == 450);
  CHECK(rows.back().play_seq == 450);
}

TEST_CASE("each minute has its flow row once it is complete, and the last one at the end") {
  Desk desk;
  ManualClock& clock = desk.clock;
  clock.advance(kMinute - clock.boottime() % kMinute +
                30 * kSecond);  // start in the middle of a minute
  FlowKeeper flows(clock, desk.timeline, *desk.log);
  const Micros begin = clock.boottime();
  const auto watch = [&](Micros until) {
    for (Micros at = clock.boottime(); at <= until; at += 100 * kMillisecond) {
      desk.timeline.frame(
          at, true, {},
          at == begin + 40 * kSecond ? std::vector<int>{1, -1, 1} : std::vector<int>{});
    }
    clock.advance(until - clock.boottime());
    flows.take(desk.timeline.complete_until(clock.boottime()));
  };
  watch(begin + 2 * kMinute);
  CHECK(flows.last_quarter().covered_ms == 90000);
  desk.timeline.lost();
  flows.finish(clock.boottime());
  REQUIRE(flows.write().ok());
  auto reader = ExposureLogReader::open(desk.dir / "exposure.db");
  REQUIRE(reader.ok());
  const auto rows = reader->flows_after(0);
  REQUIRE(rows.ok());
  REQUIRE(rows->size() == 3);
  CHECK((*rows)[0].minute_start_us == begin - 30 * kSecond);
  CHECK((*rows)[0].coverage_permille == 500);
  CHECK((*rows)[1].coverage_permille == 1000);
  CHECK((*rows)[1].in == 2);
  CHECK((*rows)[1].out == 1);
  CHECK((*rows)[2].coverage_permille == 500);
  CHECK((*rows)[2].boot == clock.boot_id());
  CHECK((*rows)[2].quality == Quality::flow);
}
