// The map of a database's WAL in another directory: what SQLite promises two processes holds there
// as it does beside the database.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/socket.h>
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

// SQLite must not be carried over a fork, so a process that has not opened anything forks the
// writers.
class Writers {
 public:
  explicit Writers(const Place& place) {
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends_) == 0);
    server_ = ::fork();
    REQUIRE(server_ >= 0);
    if (server_ == 0) {
      ::close(ends_[0]);
      serve(place, ends_[1]);
    }
    ::close(ends_[1]);
  }
  ~Writers() {
    ::close(ends_[0]);
    ::waitpid(server_, nullptr, 0);
  }
  void start() { REQUIRE(ask('s') == 'a'); }
  bool alive() { return ask('?') == 'a'; }
  void kill() { REQUIRE(ask('k') == 'd'); }

 private:
  char ask(char what) {
    char answer = 0;
    REQUIRE(::write(ends_[0], &what, 1) == 1);
    REQUIRE(::read(ends_[0], &answer, 1) == 1);
    return answer;
  }
  // Answers whether a writer is alive; ends with the test, whatever that was doing.
  [[noreturn]] static void serve(const Place& place, int end) {
    pid_t writer = -1;
    for (char what = 0; ::read(end, &what, 1) == 1;) {
      if (what == 's') {
        writer = ::fork();
        if (writer == 0) write_for_ever(place);
      }
      if (what == 'k') {
        ::kill(writer, SIGKILL);
        ::waitpid(writer, nullptr, 0);
        writer = -1;
      }
      const char answer = writer > 0 && ::waitpid(writer, nullptr, WNOHANG) == 0 ? 'a' : 'd';
      if (::write(end, &answer, 1) != 1) break;
    }
    if (writer > 0) ::kill(writer, SIGKILL);
    ::_exit(0);
  }
  int ends_[2] = {-1, -1};
  pid_t server_ = -1;
};

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
  Writers writers(place);  // before this process has opened anything
  REQUIRE(place.owner()->execute("CREATE TABLE t(a INTEGER, b BLOB)"));
  auto reader = place.reader();
  REQUIRE(reader);
  std::int64_t seen = 0;
  for (int life = 0; life < 5; ++life) {
    writers.start();
    const std::int64_t before = seen;
    while (seen < before + 200) {
      // One statement sees one state: each +1 has its -1.
      auto select = reader->prepare("SELECT count(*), sum(a) FROM t");
      REQUIRE(select);
      REQUIRE(*select->step());
      REQUIRE(select->integer(0) >= seen);
      seen = select->integer(0);
      if (seen > 0) REQUIRE(select->integer(1) == 0);
      REQUIRE(writers.alive());
    }
    writers.kill();
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
