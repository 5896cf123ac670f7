#include "state/play_log.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <limits>

#include "protocol/chain.hpp"
#include "temp_directory.hpp"

using namespace vitrine;

namespace {

const ScreenId kScreen = "lobby-1";
constexpr std::int64_t kToday = 20'000;

PlayRow play_of(CreativeId creative) {
  PlayRow row;
  row.boot = {-5, 7};
  row.planned_start_us = 1'000'000;
  row.planned_length_us = 10'000'000;
  row.campaign = 11;
  row.creative = creative;
  row.decision_seq = creative;
  row.content.fill(0xab);
  return row;
}

PlayLog open_log(const fs::path& path, const PrivateKey& key) {
  auto log = PlayLog::open(path, kScreen, key);
  REQUIRE_MESSAGE(log.ok(), (log ? "" : log.error().message));
  return std::move(*log);
}

void append(PlayLog& log, int plays) {
  for (int i = 1; i <= plays; ++i)
    REQUIRE(log.append(play_of(static_cast<CreativeId>(i)), kToday).ok());
}

// The first seq whose hash or signature does not follow from the rows; 0 = all is well.
std::uint64_t first_broken(const std::vector<PlayRow>& rows, LogId log_id, const PublicKey& key) {
  Hash256 chain = chain_start(kScreen, log_id);
  for (const PlayRow& row : rows) {
    chain = chain_next(chain, row);
    if (chain != row.chain || !verify_chain(key, kScreen, log_id, row.seq, chain, row.signature))
      return row.seq;
  }
  return 0;
}

std::vector<PlayRow> read_all(const fs::path& path) {
  auto reader = PlayLogReader::open(path);
  REQUIRE(reader.ok());
  auto rows = reader->rows_after(0);
  REQUIRE_MESSAGE(rows.ok(), (rows ? "" : rows.error().message));
  return *rows;
}

}  // namespace

TEST_CASE(
    "the chain verifies over rows appended before and after a restart, and every column comes "
    "back") {
  testing::TempDirectory temp;
  const PrivateKey key = PrivateKey::generate();
  LogId log_id = 0;
  {
    PlayLog log = open_log(temp / "plays.db", key);
    log_id = log.log_id();
    append(log, 3);
  }
  PlayLog log = open_log(temp / "plays.db", key);
  CHECK(log.log_id() == log_id);
  CHECK(log.last_seq() == 3);
  CHECK(log.next_decision_seq() == 4);
  append(log, 2);

  const auto rows = read_all(temp / "plays.db");
  REQUIRE(rows.size() == 5);
  CHECK(first_broken(rows, log_id, key.public_key()) == 0);
  CHECK(rows[0].boot == BootId{-5, 7});
  CHECK(rows[0].first_flip_us == kAbsent);
  CHECK(rows[0].content == play_of(1).content);
  CHECK(rows[0].shot == Hash256{});
  CHECK(rows[4].seq == 5);
}

TEST_CASE("a row altered in the database breaks the chain at that row") {
  testing::TempDirectory temp;
  const PrivateKey key = PrivateKey::generate();
  PlayLog log = open_log(temp / "plays.db", key);
  append(log, 4);
  for (const char* change : {"campaign = 12", "content = zeroblob(32)", "last_flip_us = 5",
                             "seq = 9 WHERE seq = 3 --"}) {
    CAPTURE(change);
    fs::remove(temp / "copy.db");
    {
      auto source = Database::open_owner(temp / "plays.db");
      REQUIRE(source->execute("VACUUM INTO '" + (temp / "copy.db").string() + "'").ok());
      auto copy = Database::open_owner(temp / "copy.db");
      REQUIRE(copy->execute("UPDATE play SET " + std::string(change) + " WHERE seq = 3").ok());
    }
    CHECK(first_broken(read_all(temp / "copy.db"), log.log_id(), key.public_key()) != 0);
  }
}

TEST_CASE("misses are rows but owe nothing to the tally; ghosts count") {
  testing::TempDirectory temp;
  PlayLog log = open_log(temp / "plays.db", PrivateKey::generate());
  append(log, 1);
  PlayRow ghost = play_of(1), miss = play_of(1);
  ghost.kind = PlayKind::ghost;
  miss.kind = PlayKind::miss;
  REQUIRE(log.append(ghost, kToday).ok());
  REQUIRE(log.append(miss, kToday).ok());
  REQUIRE(log.append(play_of(1), kToday + 1).ok());
  auto tally = log.tally(kToday, kToday);
  REQUIRE(tally.ok());
  REQUIRE(tally->size() == 1);
  CHECK((*tally)[0].plays == 2);
  CHECK((*tally)[0].campaign == 11);
  CHECK(log.tally(kToday, kToday + 1)->size() == 2);
  // From the beginning of time, which must not be taken for no bound at all or for none possible.
  using Day = std::numeric_limits<std::int64_t>;
  CHECK(log.tally(Day::min(), Day::max())->size() == 2);
}

TEST_CASE("newest gives the last rows oldest first, and inputs move the decision counter") {
  testing::TempDirectory temp;
  const PrivateKey key = PrivateKey::generate();
  {
    PlayLog log = open_log(temp / "plays.db", key);
    append(log, 5);
    InputRow input;
    input.decision_seq = 40;
    REQUIRE(log.append_inputs({input, input}).ok());
    auto newest = log.newest(2);
    REQUIRE(newest.ok());
    REQUIRE(newest->size() == 2);
    CHECK((*newest)[0].seq == 4);
    CHECK((*newest)[1].seq == 5);
  }
  CHECK(open_log(temp / "plays.db", key).next_decision_seq() == 41);
}

TEST_CASE("a reader sees rows beside the living owner and after its clean stop") {
  testing::TempDirectory temp;
  CHECK(PlayLogReader::open(temp / "plays.db").error().code == ErrorCode::not_found);
  auto log = std::make_unique<PlayLog>(open_log(temp / "plays.db", PrivateKey::generate()));
  auto reader = PlayLogReader::open(temp / "plays.db");
  REQUIRE(reader.ok());
  append(*log, 2);
  CHECK(reader->rows_after(0)->size() == 2);
  append(*log, 1);
  CHECK(reader->rows_after(2)->size() == 1);
  CHECK(reader->chain_at(3).ok());
  CHECK(reader->chain_at(4).error().code == ErrorCode::not_found);
  log.reset();
  CHECK(reader->rows_after(0)->size() == 3);
  CHECK(read_all(temp / "plays.db").size() == 3);
}

TEST_CASE(
    "a reader sees every finished row after kill -9 of the owner, and the owner goes on where it "
    "was") {
  testing::TempDirectory temp;
  const PrivateKey key = PrivateKey::generate();
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    auto log = PlayLog::open(temp / "plays.db", kScreen, key);
    for (CreativeId i = 1; log && i <= 7; ++i) (void)log->append(play_of(i), kToday);
    (void)!::write(ready[1], "x", 1);
    for (;;) ::pause();
  }
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(ready[0]);
  ::close(ready[1]);

  CHECK(read_all(temp / "plays.db").size() == 7);
  PlayLog log = open_log(temp / "plays.db", key);
  append(log, 1);
  const auto rows = read_all(temp / "plays.db");
  CHECK(rows.size() == 8);
  CHECK(first_broken(rows, log.log_id(), key.public_key()) == 0);
}

TEST_CASE("a damaged database is set aside, a new log id is drawn, and a reader goes over to it") {
  testing::TempDirectory temp;
  const PrivateKey key = PrivateKey::generate();
  LogId before = 0;
  {
    PlayLog log = open_log(temp / "plays.db", key);
    before = log.log_id();
    append(log, 3);
  }
  auto reader = PlayLogReader::open(temp / "plays.db");
  REQUIRE(reader->log_id().ok());
  CHECK(*reader->log_id() == before);
  // What failing flash leaves: the right name, nonsense inside. (With its -wal whole the database
  // would mend itself.)
  REQUIRE(write_atomic(temp / "plays.db", std::string(8192, 'x')).ok());
  fs::remove(temp / "plays.db-wal");
  fs::remove(temp / "plays.db-shm");

  PlayLog log = open_log(temp / "plays.db", key);
  CHECK(log.log_id() != before);
  CHECK(log.last_seq() == 0);
  CHECK(fs::exists(temp / "plays.db.damaged-1"));
  append(log, 1);
  CHECK(reader->rows_after(0)->size() == 3);  // still the file it had
  CHECK(*reader->log_id() == log.log_id());
  CHECK(reader->rows_after(0)->size() == 1);
}

TEST_CASE("a database whose end is lost is set aside: its seqs were given and may be known") {
  testing::TempDirectory temp;
  const PrivateKey key = PrivateKey::generate();
  LogId before = 0;
  {
    PlayLog log = open_log(temp / "plays.db", key);
    before = log.log_id();
    append(log, 3);
    for (const char* name : {"plays.db", "plays.db-wal"}) {
      fs::copy_file(temp / name, temp / (std::string("old-") + name));
    }
    append(log, 2);
  }
  // Whole in itself, only older: what SQLite makes of a -wal that is damaged near its end.
  fs::remove(temp / "plays.db-shm");
  for (const char* name : {"plays.db", "plays.db-wal"}) {
    fs::rename(temp / (std::string("old-") + name), temp / name);
  }
  {
    PlayLog log = open_log(temp / "plays.db", key);
    CHECK(log.log_id() != before);
    CHECK(log.last_seq() == 0);
    CHECK(fs::exists(temp / "plays.db.damaged-1"));
    append(log, 2);
  }
  PlayLog log = open_log(temp / "plays.db", key);  // the new one has a mark of its own
  CHECK(log.last_seq() == 2);
  CHECK_FALSE(fs::exists(temp / "plays.db.damaged-2"));
}

TEST_CASE(
    "with a mark on tmpfs the lost end of a log is noticed to the row, and without it to sixteen") {
  for (const bool power_lost : {false, true}) {
    for (const int lost : {1, 20}) {
      CAPTURE(power_lost);
      CAPTURE(lost);
      testing::TempDirectory temp;
      const PrivateKey key = PrivateKey::generate();
      const LogPlace place{temp / "plays.db", temp / "beside"};
      {
        auto log = PlayLog::open(place, kScreen, key);
        REQUIRE(log.ok());
        append(*log, 3);
        for (const char* name : {"plays.db", "plays.db-wal"})
          fs::copy_file(temp / name, temp / (std::string("old-") + name));
        append(*log, lost);
      }
      CHECK_FALSE(fs::exists(temp / "plays.db-shm"));
      fs::remove(temp / "beside-shm");
      for (const char* name : {"plays.db", "plays.db-wal"})
        fs::rename(temp / (std::string("old-") + name), temp / name);
      if (power_lost) fs::remove(temp / "beside-mark");
      auto log = PlayLog::open(place, kScreen, key);
      REQUIRE(log.ok());
      const bool noticed = !power_lost || lost > 16;
      CHECK(log->last_seq() == (noticed ? 0 : 3));
      CHECK(fs::exists(temp / "plays.db.damaged-1") == noticed);
      append(*log, 1);
      // The mark is the new log's.
      auto again = PlayLog::open(place, kScreen, key);
      REQUIRE(again.ok());
      CHECK(again->log_id() == log->log_id());
    }
  }
}

TEST_CASE("a -wal that is cut off under its readers does not keep the owner from beginning anew") {
  for (const char* beside : {"", "beside"}) {
    CAPTURE(beside);
    testing::TempDirectory temp;
    const LogPlace place{temp / "plays.db", *beside == 0 ? fs::path() : temp / beside};
    const PrivateKey key = PrivateKey::generate();
    auto log = PlayLog::open(place, kScreen, key);
    REQUIRE(log.ok());
    const LogId before = log->log_id();
    append(*log, 5);
    // Its index in the -shm lives on in a reader, and names what is no longer there.
    auto reader = PlayLogReader::open(place);
    REQUIRE(reader.ok());
    CHECK(reader->rows_after(0)->size() == 5);
    const int wal = ::open((temp / "plays.db-wal").c_str(), O_WRONLY);
    REQUIRE(::ftruncate(wal, 64) == 0);
    ::close(wal);

    auto again = PlayLog::open(place, kScreen, key);
    REQUIRE(again.ok());
    CHECK(again->log_id() != before);
    CHECK(fs::exists(temp / "plays.db.damaged-1"));
    // The reader goes over to the new one, and its map is not that of the old.
    append(*again, 2);
    REQUIRE(reader->log_id().ok());
    CHECK(*reader->log_id() == again->log_id());
    CHECK(reader->rows_after(0)->size() == 2);
  }
}

TEST_CASE("a log of another screen is set aside: its chain cannot be continued") {
  testing::TempDirectory temp;
  const PrivateKey key = PrivateKey::generate();
  { PlayLog log = open_log(temp / "plays.db", key); }
  auto other = PlayLog::open(temp / "plays.db", "lobby-2", key);
  REQUIRE(other.ok());
  CHECK(other->last_seq() == 0);
  CHECK(fs::exists(temp / "plays.db.damaged-1"));
}
