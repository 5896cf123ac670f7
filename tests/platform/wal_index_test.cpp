// The map of a database's WAL in another directory: what SQLite promises two processes holds there
// as it does beside the database.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/sqlite.hpp"
#include "temp_directory.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

struct Place {
  TempDirectory temp;
  fs::path file, index;
  explicit Place(const std::string& name = "x.db") : file(temp / name), index(temp / "run" / name) {
    fs::create_directories(index.parent_path());
  }
  Result<Database> owner() const {
    return Database::open_owner(file, Database::Durability::normal, 1024, index);
  }
  Result<Database> reader() const { return Database::open_reader(file, index); }
};

// Writes pairs of rows, each pair one transaction, until it is killed.
[[noreturn]] void write_for_ever(const Place& place) {
  auto owner = place.owner();
  if (!owner) ::_exit(1);
  owner->checkpoint_after(20);
  for (;;) {
    auto pair = Transaction::begin(*owner);
    if (!pair || !owner->execute("INSERT INTO t VALUES(1, randomblob(300))") ||
        !owner->execute("INSERT INTO t VALUES(-1, randomblob(300))") || !pair->commit())
      ::_exit(1);
  }
}

std::int64_t rows(Database& database) {
  return database.scalar("SELECT count(*) FROM t")->value_or(-1);
}

}  // namespace

TEST_CASE("the map lies where it was asked for and nothing of it beside the database") {
  for (const char* name : {"x.db", "100% of? #1 & a=b+c, \xc3\xbc.db"}) {
    CAPTURE(name);
    const Place place(name);
    CHECK(place.reader().error().code == ErrorCode::not_found);
    auto owner = place.owner();
    REQUIRE(owner);
    REQUIRE(owner->execute("CREATE TABLE t(a INTEGER); INSERT INTO t VALUES(7)"));
    CHECK(fs::exists(place.file));
    CHECK(fs::exists(place.file.string() + "-wal"));
    CHECK_FALSE(fs::exists(place.file.string() + "-shm"));
    CHECK(fs::file_size(place.index.string() + "-shm") >= 32'768);
    CHECK(fs::file_size(place.index) == 0);
    auto reader = place.reader();
    REQUIRE(reader);
    CHECK(*reader->scalar("SELECT a FROM t") == 7);
    CHECK_FALSE(reader->execute("DELETE FROM t"));
  }
}

TEST_CASE(
    "a boot without the map of the one before finds every row, and a reader waits for the owner") {
  const Place place;
  {
    auto owner = place.owner();
    REQUIRE(owner->execute("CREATE TABLE t(a INTEGER); INSERT INTO t VALUES(7)"));
  }
  fs::remove_all(place.index.parent_path());
  fs::create_directories(place.index.parent_path());
  CHECK(place.reader().error().code == ErrorCode::not_found);
  auto owner = place.owner();
  REQUIRE(owner);
  CHECK(*place.reader()->scalar("SELECT a FROM t") == 7);
}

TEST_CASE(
    "a reader sees whole transactions of another process, also when that is killed again and "
    "again") {
  const Place place;
  REQUIRE(place.owner()->execute("CREATE TABLE t(a INTEGER, b BLOB)"));
  auto reader = place.reader();
  REQUIRE(reader);
  std::int64_t seen = 0;
  for (int life = 0; life < 5; ++life) {
    const pid_t writer = ::fork();
    REQUIRE(writer >= 0);
    if (writer == 0) write_for_ever(place);
    const std::int64_t before = seen;
    while (seen < before + 200) {
      // One statement sees one state: each +1 has its -1.
      auto select = reader->prepare("SELECT count(*), sum(a) FROM t");
      REQUIRE(select);
      REQUIRE(*select->step());
      REQUIRE(select->integer(0) >= seen);
      seen = select->integer(0);
      if (seen > 0) REQUIRE(select->integer(1) == 0);
      int status = 0;
      REQUIRE(::waitpid(writer, &status, WNOHANG) == 0);
    }
    ::kill(writer, SIGKILL);
    ::waitpid(writer, nullptr, 0);
    CHECK(rows(*reader) >= seen);
    CHECK(*reader->scalar("SELECT sum(a) FROM t") == 0);
  }
  auto owner = place.owner();
  REQUIRE(owner);
  CHECK(rows(*owner) >= seen);
  auto check = owner->prepare("PRAGMA integrity_check");
  REQUIRE(*check->step());
  CHECK(check->text(0) == "ok");
}
