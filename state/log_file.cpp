#include "state/log_file.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "platform/log.hpp"

namespace vitrine {
namespace {

// A play is committed alone and touches three or four pages: 3.7 kB go into the -wal with these, 12
// with pages of 4096 bytes (docs/flash.md).
constexpr int kPageBytes = 1024;
// How far the mark on flash may lie behind the one of this boot: it costs a page each time.
constexpr std::int64_t kMarkEvery = 16;

fs::path with_suffix(fs::path path, const char* suffix) {
  return path += suffix;
}

// Beside the database: how many rows were ever given a seq in it, 8 bytes little-endian. Damage to
// the end of the -wal makes SQLite go back to an older state without a word; rows written from
// there would take seqs that the backend has already, with other content.
fs::path mark_of(const fs::path& path) {
  return with_suffix(path, "-mark");
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

Status check_mark(Database& database, const LogPlace& place) {
  auto rows = rows_ever(database);
  if (!rows) return std::move(rows).error();
  std::int64_t marked = read_mark(mark_of(place.file));
  if (!place.beside.empty()) marked = std::max(marked, read_mark(mark_of(place.beside)));
  if (*rows >= marked) return ok();
  return fail(ErrorCode::corrupt, place.file.string() + ": its end is lost, " +
                                      std::to_string(marked - *rows) + " rows of " +
                                      std::to_string(marked));
}

// A mark that cannot be written makes the next start blind for what is lost meanwhile, no more.
void keep_mark(Database& database, const LogPlace& place) {
  struct Mark {
    fs::path path;
    std::int64_t step;
    std::int64_t rows = -1;  // as written
  };
  std::vector<Mark> marks{{mark_of(place.file), place.beside.empty() ? 1 : kMarkEvery}};
  if (!place.beside.empty()) marks.push_back({mark_of(place.beside), 1});
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

Status quick_check(Database& database, const LogPlace& place) {
  auto check = database.prepare("PRAGMA quick_check(1)");
  if (!check) return std::move(check).error();
  auto row = check->step();
  if (!row) return std::move(row).error();
  const std::string said = *row ? check->text(0) : "ok";
  check->reset();
  return said == "ok" ? ok() : fail(ErrorCode::corrupt, place.file.string() + ": " + said);
}

Result<Database> open_checked(const LogPlace& place, const std::string& schema) {
  auto database =
      Database::open_owner(place.file, Database::Durability::full, kPageBytes, place.beside);
  if (!database) return database;
  if (auto sound = quick_check(*database, place); !sound) return std::move(sound).error();
  if (auto made = database->execute(schema); !made) return std::move(made).error();
  if (auto whole = check_mark(*database, place); !whole) return std::move(whole).error();
  keep_mark(*database, place);
  return database;
}

}  // namespace

Result<fs::path> set_log_aside(const LogPlace& place, const std::string& why) {
  const fs::path& path = place.file;
  fs::path aside;
  for (int n = 1;; ++n) {
    aside = with_suffix(path, (".damaged-" + std::to_string(n)).c_str());
    if (!fs::exists(aside)) break;
  }
  const auto forget = [&](const char* suffix) -> Status {
    return place.beside.empty() ? ok() : remove_file(with_suffix(place.beside, suffix));
  };
  // First of all, for nobody is to find the map of the old log beside a new one.
  for (const char* suffix : {"-shm", ""}) {
    if (auto removed = forget(suffix); !removed) return std::move(removed).error();
  }
  for (const char* suffix : {"", "-wal", "-shm", "-mark"}) {
    const fs::path from = with_suffix(path, suffix), to = with_suffix(aside, suffix);
    std::error_code error;
    if (!fs::exists(from, error)) continue;
    fs::rename(from, to, error);
    if (error) {
      return fail(ErrorCode::unavailable,
                  "cannot set " + from.string() + " aside: " + error.message());
    }
  }
  if (auto removed = forget("-mark"); !removed) return std::move(removed).error();
  log_error("{} is unusable: {}; set aside as {}, a new log begins", path.string(), why,
            aside.filename().string());
  if (auto synced = sync_directory(path.parent_path()); !synced) return std::move(synced).error();
  return aside;
}

Result<Database> open_log(const LogPlace& place, const std::string& schema, fs::path* aside) {
  auto database = open_checked(place, schema);
  if (database || database.error().code != ErrorCode::corrupt) return database;
  const std::string why = database.error().message;
  auto moved = set_log_aside(place, why);
  if (!moved) return std::move(moved).error();
  if (aside != nullptr) *aside = *moved;
  return open_checked(place, schema);
}

Result<Database> open_log_reader(const LogPlace& place) {
  return Database::open_reader(place.file, place.beside);
}

Status check_log(const LogPlace& place) {
  auto database = open_log_reader(place);
  if (!database) return std::move(database).error();
  if (auto sound = quick_check(*database, place); !sound) return sound;
  // In a file that was just begun there is no table that counts rows.
  auto counted =
      database->scalar("SELECT COUNT(*) FROM sqlite_master WHERE name = 'sqlite_sequence'");
  if (!counted) return std::move(counted).error();
  return *counted == 0 ? ok() : check_mark(*database, place);
}

Result<std::int64_t> bytes_used(Database& database) {
  std::int64_t figures[3] = {};
  const char* asked[3] = {"PRAGMA page_count", "PRAGMA freelist_count", "PRAGMA page_size"};
  for (int i = 0; i < 3; ++i) {
    auto figure = database.scalar(asked[i]);
    if (!figure) return std::move(figure).error();
    figures[i] = figure->value_or(0);
  }
  return (figures[0] - figures[1]) * figures[2];
}

Result<std::uint64_t> highest_seq(Database& database, const std::string& table) {
  auto highest = database.scalar("SELECT seq FROM sqlite_sequence WHERE name = '" + table + "'");
  if (!highest) return std::move(highest).error();
  return static_cast<std::uint64_t>(highest->value_or(0));
}

LogFiles files_of(const LogPlace& place) {
  const auto number_of = [](const fs::path& path) -> std::uint64_t {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_ino) : 0;
  };
  return {number_of(place.file), place.beside.empty() ? 0 : number_of(place.beside)};
}

}  // namespace vitrine
