// Disks that are full or read-only, in earnest: tmpfs of the test's own.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "own_mounts.hpp"
#include "player/play_store.hpp"
#include "process.hpp"
#include "protocol/chain.hpp"
#include "screen.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

// The screen's lasting files on a disk of so many KiB.
class SmallDisk {
 public:
  SmallDisk(const StatePaths& paths, int kib) : root_(paths.root), paths_(paths) {
    const std::string options = "size=" + std::to_string(kib) + "k";
    REQUIRE(::mount("none", root_.c_str(), "tmpfs", 0, options.c_str()) == 0);
    REQUIRE(make_state_directories(paths));
  }
  ~SmallDisk() { ::umount2(root_.c_str(), MNT_DETACH); }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  void fill() {
    const FileDescriptor file(::open((root_ / "filler").c_str(), O_CREAT | O_WRONLY, 0600));
    const Bytes block(512, 1);
    while (::write(file.get(), block.data(), block.size()) > 0) {
    }
  }
  void make_room() { fs::remove(root_ / "filler"); }
  void read_only(bool now) {
    REQUIRE(::mount("none", root_.c_str(), nullptr, MS_REMOUNT | (now ? MS_RDONLY : 0), nullptr) ==
            0);
  }
  // Below files that stay open for writing, which a plain remount refuses.
  void read_only_below_open_files(bool now) {
    if (!now) {
      REQUIRE(::umount2(root_.c_str(), MNT_DETACH) == 0);
      return;
    }
    REQUIRE(::mount(root_.c_str(), root_.c_str(), nullptr, MS_BIND, nullptr) == 0);
    REQUIRE(::mount("none", root_.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) ==
            0);
  }

 private:
  fs::path root_;
  StatePaths paths_;
};

PlayRow play_of(std::uint64_t decision_seq) {
  PlayRow row;
  row.boot = {1, 2};
  row.decision_seq = decision_seq;
  row.creative = 3;
  return row;
}

Recorder::Options quick(std::size_t most_plays = 100) {
  Recorder::Options options;
  options.retry_after = 1 * kMillisecond;
  options.most_plays = most_plays;
  return options;
}

std::vector<PlayRow> stored(const StatePaths& paths) {
  auto reader = PlayLogReader::open(paths.plays_log());
  REQUIRE(reader);
  auto rows = reader->rows_after(0);
  REQUIRE(rows);
  return *rows;
}

void in_own_mounts(const std::function<void()>& test) {
  if (!with_own_mounts(test)) MESSAGE("no mounts of our own are permitted here; not tested");
}

}  // namespace

TEST_CASE("rows wait while the disk is full; what found no room is a gap that the chain spans") {
  in_own_mounts([] {
    const Screen screen;
    const PrivateKey proof = PrivateKey::generate();
    SmallDisk disk(screen.paths, 512);
    PlayStore store = open_play_store(screen.paths, "lobby-1", proof);
    Recorder recorder(std::move(store.rows), store.last_seq, quick(5));
    std::uint64_t seq = 0;
    recorder.play(play_of(++seq), 0);
    REQUIRE(until([&] { return recorder.rows() == 1; }));
    disk.fill();
    // The -wal may have room for some.
    REQUIRE(until([&] { return recorder.lost() >= 3; },
                  [&] {
                    recorder.play(play_of(++seq), 0);
                    until([&] { return recorder.waiting() == 0; }, {},
                          std::chrono::milliseconds(2));
                  }));
    const std::uint64_t lost = recorder.lost();
    disk.make_room();
    REQUIRE(until([&] { return recorder.waiting() == 0; }));
    recorder.stop();
    CHECK(recorder.lost() == lost);
    const auto rows = stored(screen.paths);
    CHECK(rows.size() + lost == seq);
    CHECK(rows.back().seq == seq);  // each that was lost has its number
    Hash256 chain = chain_start("lobby-1", rows[0].log_id);
    std::uint64_t gaps = 0, last = 0;
    for (const PlayRow& row : rows) {
      CHECK(chain_next(chain, row) == row.chain);
      chain = row.chain;
      gaps += row.seq - last - 1;
      last = row.seq;
    }
    CHECK(gaps == lost);
  });
}

TEST_CASE("a player that starts on a read-only disk knows its history and stores its rows later") {
  in_own_mounts([] {
    const Screen screen;
    const PrivateKey proof = PrivateKey::generate();
    SmallDisk disk(screen.paths, 4096);
    {
      PlayStore store = open_play_store(screen.paths, "lobby-1", proof);
      CHECK(store.next_decision_seq == 1);
      Recorder recorder(std::move(store.rows), store.last_seq, quick());
      for (std::uint64_t i = 1; i <= 7; ++i) recorder.play(play_of(i), 20'000);
      recorder.stop();
    }
    // A play that the one before left on the glass, and one stored just before its end.
    OpenPlays open(screen.paths);
    OpenPlay killed;
    killed.row = play_of(8);
    killed.shown = true;
    REQUIRE(open.begin(killed));
    OpenPlay finished;
    finished.row = play_of(7);
    REQUIRE(open.end(finished));

    bool same_boot = false;
    SUBCASE("in the same boot") {
      same_boot = true;
    }
    SUBCASE("in another boot, with nothing on tmpfs but what was left") {
      for (const char* name : {"plays.db-shm", "plays.db-mark"})
        fs::remove(screen.paths.player_live().parent_path() / name);
    }
    CAPTURE(same_boot);
    disk.read_only(true);
    PlayStore store = open_play_store(screen.paths, "lobby-1", proof);
    CHECK(store.before.plays.size() == 7);
    REQUIRE(store.before.tally.size() == 1);
    CHECK(store.before.tally[0].plays == 7);
    CHECK(store.last_seq == 7);
    CHECK(store.next_decision_seq == 9);
    REQUIRE(store.left.size() == 2);
    CHECK(store.left[1].row.cut_cause == CutCause::killed);

    std::vector<std::string> troubles;
    auto options = quick();
    std::atomic<int> told{0};
    options.trouble = [&](const std::string& why) {
      troubles.push_back(why);
      ++told;
    };
    Recorder recorder(std::move(store.rows), store.last_seq, options);
    for (const LeftPlay& left : store.left) recorder.play(left.row, left.local_day);
    recorder.play(play_of(9), 20'000);
    InputRow input;
    input.decision_seq = 9;
    recorder.input(input);
    REQUIRE(until([&] { return recorder.waiting() == 4 && told == 1; }));
    disk.read_only(false);
    REQUIRE(until([&] { return recorder.waiting() == 0; }));
    recorder.stop();
    CHECK(recorder.lost() == 0);
    CHECK(recorder.rows() == 9);
    const auto rows = stored(screen.paths);
    REQUIRE(rows.size() == 9);  // the one that was stored already is not stored again
    CHECK(rows[7].decision_seq == 8);
    CHECK(rows[7].cut_cause == CutCause::killed);
    CHECK(rows[8].decision_seq == 9);
    REQUIRE(troubles.size() == 2);
    CHECK(troubles[0] != "");
    CHECK(troubles[1] == "");
  });
}

TEST_CASE("a disk that becomes read-only below an open log is no place for a row; it waits") {
  in_own_mounts([] {
    const Screen screen;
    const PrivateKey proof = PrivateKey::generate();
    SmallDisk disk(screen.paths, 4096);
    PlayStore store = open_play_store(screen.paths, "lobby-1", proof);
    std::atomic<int> told{0};
    auto options = quick();
    options.trouble = [&](const std::string&) { ++told; };
    Recorder recorder(std::move(store.rows), store.last_seq, options);
    recorder.play(play_of(1), 0);
    REQUIRE(until([&] { return recorder.rows() == 1; }));
    disk.read_only_below_open_files(true);
    recorder.play(play_of(2), 0);
    REQUIRE(until([&] { return told == 1; }));
    CHECK(recorder.rows() == 1);
    CHECK(recorder.waiting() == 1);
    disk.read_only_below_open_files(false);
    REQUIRE(until([&] { return recorder.rows() == 2; }));
    recorder.stop();
    CHECK(stored(screen.paths).size() == 2);
  });
}

TEST_CASE("what was confirmed goes on where nothing can be written, and nothing new is tried") {
  in_own_mounts([] {
    Screen screen;
    SmallDisk disk(screen.paths, 4096);
    screen.put_trust({Screen::key("operator-1", screen.person, "operator",
                                  {DocumentKind::schedule, DocumentKind::settings})});
    {
      auto keeper = screen.keeper();
      screen.confirm_first(*keeper);
      keeper->stop();
    }
    screen.offer_schedule(11, screen.contents);
    disk.read_only(true);
    auto keeper = screen.keeper();
    CHECK(screen.in_force() == 1);
    CHECK(screen.board.newest()->content.state.eligible.size() == 2);
    keeper->tick();
    CHECK(screen.in_force() == 1);
    disk.read_only(false);
    REQUIRE(until([&] { return screen.in_force() == 2; }, [&] { keeper->tick(); }));
    CHECK(screen.active().trying == 2);
  });
}

TEST_CASE(
    "a player that starts on a read-only disk shows what is confirmed, or says that nothing is") {
  in_own_mounts([] {
    Screen screen;
    SmallDisk disk(screen.paths, 8192);
    screen.enrol();
    screen.put_trust({Screen::key("operator-1", screen.person, "operator",
                                  {DocumentKind::schedule, DocumentKind::settings})});
    bool confirmed = false;
    SUBCASE("something is confirmed") {
      const auto clip = read_text(VITRINE_CLIP);
      REQUIRE(clip);
      Schedule schedule = Screen::schedule_of({screen.add_content(*clip)});
      schedule.campaigns.clear();
      schedule.house = {1};
      schedule.content[0].size = clip->size();
      auto keeper = screen.keeper();
      screen.offer({screen.sign(DocumentKind::schedule, 10, write_schedule(schedule), screen.person,
                                "operator-1"),
                    "", "", ""});
      keeper->tick();
      screen.play_for(*keeper, 61 * kSecond);
      REQUIRE(screen.active().confirmed == 1);
      confirmed = true;
    }
    SUBCASE("nothing is") {}
    CAPTURE(confirmed);
    disk.read_only(true);
    const SystemClock clock;
    TempDirectory log;
    Process player({VITRINE_PLAYER, "--state", screen.paths.root, "--run", screen.paths.run,
                    "--output", "headless", "--size", "160x90"},
                   log / "player.log");
    PlayerLive live;
    const auto lives = [&](auto condition) {
      return until([&] {
        const auto read = read_player_live(screen.paths, clock.boottime());
        if (read) live = *read;
        return read && condition(*read);
      });
    };
    if (!confirmed) {
      CHECK(lives([](const PlayerLive& l) { return l.error == "no schedule is in force"; }));
      CHECK(player.running());
      player.signal(SIGTERM);
      CHECK(player.wait() == 0);
      return;
    }
    // One has ended and waits, the next is on the glass.
    REQUIRE(until([&] {
      const auto names = list_directory(screen.paths.open_play().parent_path());
      return std::any_of(names.begin(), names.end(),
                         [](const std::string& name) { return name.starts_with("ended."); });
    }));
    REQUIRE(lives([](const PlayerLive& l) { return l.rows_waiting > 1 && !l.troubles.empty(); }));
    CHECK(live.label == "creative 1");
    CHECK(live.troubles[0].code == "disk");
    disk.read_only(false);
    CHECK(lives([](const PlayerLive& l) { return l.rows_waiting == 0 && l.troubles.empty(); }));
    CHECK(live.rows_lost == 0);
    player.signal(SIGTERM);
    CHECK(player.wait() == 0);
    const auto rows = stored(screen.paths);
    REQUIRE(rows.size() >= 2);
    CHECK(rows[0].seq == 1);
    CHECK(rows[0].kind == PlayKind::house);
    CHECK(rows[0].cut_cause == CutCause::none);
    CHECK(rows.back().cut_cause == CutCause::stopped);
  });
}
