// SQLite keeps a memory map, the WAL index, in a file <database>-shm beside the database. Its pages
// are no part of what a database must not lose, yet on flash the kernel writes them back twice a
// minute. This VFS has them elsewhere, on tmpfs: as Debian's SQLite does it, under another name.
#pragma once

#include <string>

#include "platform/file.hpp"

namespace vitrine {

// A name of `database` for sqlite3_open_v2 with SQLITE_OPEN_URI; its map will be <index>-shm, and
// an empty file `index` beside that says whose it is. Everybody who opens the database must name
// the same `index`. The VFS is registered with the first call; any thread.
std::string with_wal_index(const fs::path& database, const fs::path& index);

}  // namespace vitrine
