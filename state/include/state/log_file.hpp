// What the daemons' databases have in common: an owner that sets a damaged file aside, and a reader
// that notices a replaced one.
#pragma once

#include <string>

#include "base/ids.hpp"
#include "platform/sqlite.hpp"

namespace vitrine {

// Where a log lies: `file` on flash and, where given, `beside` on tmpfs: what of it need not
// outlive the boot, as <beside>-shm (platform/sqlite.hpp) and <beside>-mark. Who writes and who
// reads must name the same. The directories of both must exist.
struct LogPlace {
  fs::path file;
  fs::path beside;
  LogPlace(fs::path file_, fs::path beside_ = {})
      : file(std::move(file_)), beside(std::move(beside_)) {}
};

// Moves the database (with -wal, -shm and -mark) to <file>.damaged-<n>, the first n that is free;
// where it is now. What lay on tmpfs is gone.
Result<fs::path> set_log_aside(const LogPlace& place, const std::string& why);

// Opens for writing, checks the file and runs `schema` (CREATE ... IF NOT EXISTS). A damaged file
// is set aside, said in the log, and a new one begun; `aside`, where given, then says where it is.
// So is one that went back to an older state: <file>-mark remembers how many rows AUTOINCREMENT
// tables were ever given, and is kept by every commit of the database that comes back. With a place
// on tmpfs the one there is, and the one on flash follows 16 rows behind: the end of a log cannot
// get lost unseen by a kill, nor more than 16 rows of it with the power.
Result<Database> open_log(const LogPlace& place, const std::string& schema,
                          fs::path* aside = nullptr);

// A reader of a log that another process owns; `not_found` until that one has opened it.
Result<Database> open_log_reader(const LogPlace& place);

// Whether a log that nobody has open is whole, as its owner would look at it at the next start:
// SQLite's own check, and the mark on flash. `corrupt` says what is wrong.
Status check_log(const LogPlace& place);

// Bytes of the file that hold something; what was deleted is free for new rows.
Result<std::int64_t> bytes_used(Database& database);

// The log's highest seq ever given, rows pruned since included.
Result<std::uint64_t> highest_seq(Database& database, const std::string& table);

// Which files a log is at this moment. A reader that was opened on others goes over to these: the
// log was set aside, or its owner began with a new map because what was on tmpfs is gone.
struct LogFiles {
  std::uint64_t file = 0, beside = 0;  // inodes; 0 = not there
  bool replaced_by(const LogFiles& now) const {
    return (now.file != 0 && now.file != file) || (now.beside != 0 && now.beside != beside);
  }
};
LogFiles files_of(const LogPlace& place);

}  // namespace vitrine
