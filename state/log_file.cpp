#include "state/log_file.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "platform/log.hpp"

namespace vitrine {
namespace {

// A row is committed alone and touches three pages. Measured by bench/telemetry/screen.py: a play
// costs the flash 20 kB with pages of 4096 bytes and 17 kB with these; the rest is not explained by
// the WAL alone (strace sees 12 kB a play go into it with 4096).
constexpr int kPageBytes = 1024;
// How far the mark on flash may lie behind the one of this boot: it costs a page each time.
constexpr std::int64_t kMarkEvery = 16;

// Beside the database: how many rows were ever given a seq in it, 8 bytes little-endian. Damage to
// the end of the -wal makes SQLite go back to an older state without a word; rows written from
// there would take seqs that the backend has already, with other content.
fs::path mark_of(const fs::path& path) {
  fs::path mark = path;
  mark += "-mark";
  return mark;
}

Result<std::int64_t> rows_ever(Database& database) {
  auto rows = database.scalar("SELECT SUM(seq) FROM sqlite_sequence");
  if (!rows) return std::move(rows).error();
  return rows->value_or(0);
}

std::int64_t read_mark(const fs::path& path) {
  const auto bytes = read_file(path, 8);
  return bytes && bytes->size() == 8 ? read_le64(bytes->data()) : 0;
}

Status check_mark(Database& database, const fs::path& path, const fs::path& boot_mark) {
  auto rows = rows_ever(database);
  if (!rows) return std::move(rows).error();
  std::int64_t marked = read_mark(mark_of(path));
  if (!boot_mark.empty()) marked = std::max(marked, read_mark(boot_mark));
  if (*rows >= marked) return ok();
  return fail(ErrorCode::corrupt, path.string() + ": its end is lost, " +
                                      std::to_string(marked - *rows) + " rows of " +
                                      std::to_string(marked));
}

// A mark that cannot be written makes the next start blind for what is lost meanwhile, no more.
void keep_mark(Database& database, const fs::path& path, const fs::path& boot_mark) {
  struct Mark {
    fs::path path;
    std::int64_t step;
    std::int64_t rows = -1;  // as written
  };
  std::vector<Mark> marks{{mark_of(path), boot_mark.empty() ? 1 : kMarkEvery}};
  if (!boot_mark.empty()) marks.push_back({boot_mark, 1});
  database.after_commit([marks](Database& owner) mutable {
    const auto rows = rows_ever(owner);
    if (!rows) return;
    Bytes bytes;
    append_le64(bytes, *rows);
    for (Mark& mark : marks) {
      if (mark.rows >= 0 && *rows - mark.rows < mark.step) continue;
      if (overwrite_in_place(mark.path, bytes)) mark.rows = *rows;
    }
  });
}

Result<Database> open_checked(const fs::path& path, const std::string& schema,
                              const fs::path& boot_mark) {
  auto database = Database::open_owner(path, Database::Durability::full, kPageBytes);
  if (!database) return database;
  auto check = database->prepare("PRAGMA quick_check(1)");
  if (!check) return std::move(check).error();
  auto row = check->step();
  if (!row) return std::move(row).error();
  if (*row && check->text(0) != "ok")
    return fail(ErrorCode::corrupt, path.string() + ": " + check->text(0));
  if (*row) check->reset();
  if (auto made = database->execute(schema); !made) return std::move(made).error();
  if (auto whole = check_mark(*database, path, boot_mark); !whole) return std::move(whole).error();
  keep_mark(*database, path, boot_mark);
  return database;
}

}  // namespace

Result<fs::path> set_log_aside(const fs::path& path, const std::string& why) {
  fs::path aside;
  for (int n = 1;; ++n) {
    aside = path;
    aside += ".damaged-" + std::to_string(n);
    if (!fs::exists(aside)) break;
  }
  for (const char* suffix : {"", "-wal", "-shm", "-mark"}) {
    fs::path from = path, to = aside;
    from += suffix;
    to += suffix;
    std::error_code error;
    if (!fs::exists(from, error)) continue;
    fs::rename(from, to, error);
    if (error) {
      return fail(ErrorCode::unavailable,
                  "cannot set " + from.string() + " aside: " + error.message());
    }
  }
  log_error("{} is unusable: {}; set aside as {}, a new log begins", path.string(), why,
            aside.filename().string());
  if (auto synced = sync_directory(path.parent_path()); !synced) return std::move(synced).error();
  return aside;
}

Result<Database> open_log(const fs::path& path, const std::string& schema, fs::path* aside,
                          const fs::path& boot_mark) {
  auto database = open_checked(path, schema, boot_mark);
  if (database || database.error().code != ErrorCode::corrupt) return database;
  const std::string why = database.error().message;
  auto moved = set_log_aside(path, why);
  if (!moved) return std::move(moved).error();
  if (aside != nullptr) *aside = *moved;
  if (!boot_mark.empty()) {
    if (auto removed = remove_file(boot_mark); !removed) return std::move(removed).error();
  }
  return open_checked(path, schema, boot_mark);
}

Result<std::uint64_t> highest_seq(Database& database, const std::string& table) {
  auto highest = database.scalar("SELECT seq FROM sqlite_sequence WHERE name = '" + table + "'");
  if (!highest) return std::move(highest).error();
  return static_cast<std::uint64_t>(highest->value_or(0));
}

std::uint64_t file_number(const fs::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_ino) : 0;
}

}  // namespace vitrine
