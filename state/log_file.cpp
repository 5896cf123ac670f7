#include "state/log_file.hpp"

#include <sys/stat.h>

#include "platform/log.hpp"

namespace vitrine {
namespace {

// A row is committed alone and touches three pages. Measured by bench/telemetry/screen.py: a play
// costs the flash 20 kB with pages of 4096 bytes and 17 kB with these; the rest is not explained by
// the WAL alone (strace sees 12 kB a play go into it with 4096).
constexpr int kPageBytes = 1024;

Result<Database> open_checked(const fs::path& path, const std::string& schema) {
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
  return database;
}

}  // namespace

Status set_log_aside(const fs::path& path, const std::string& why) {
  fs::path aside;
  for (int n = 1;; ++n) {
    aside = path;
    aside += ".damaged-" + std::to_string(n);
    if (!fs::exists(aside)) break;
  }
  for (const char* suffix : {"", "-wal", "-shm"}) {
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
  return sync_directory(path.parent_path());
}

Result<Database> open_log(const fs::path& path, const std::string& schema) {
  auto database = open_checked(path, schema);
  if (database || database.error().code != ErrorCode::corrupt) return database;
  const std::string why = database.error().message;
  if (auto aside = set_log_aside(path, why); !aside) return std::move(aside).error();
  return open_checked(path, schema);
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
