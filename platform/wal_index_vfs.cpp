#include "wal_index_vfs.hpp"

#include <sqlite3.h>

#include <mutex>
#include <new>

namespace vitrine {
namespace {

constexpr const char* kVfs = "vitrine-wal-index";
constexpr const char* kParameter = "index";

sqlite3_vfs* default_vfs() {
  static sqlite3_vfs* const found = sqlite3_vfs_find(nullptr);
  return found;
}

// In the memory that SQLite gives for a file; those of the database and of the index, both opened
// by the default VFS, lie behind it.
struct IndexedFile {
  sqlite3_file base{};
  sqlite3_file* database = nullptr;
  sqlite3_file* index = nullptr;
  sqlite3_filename index_name = nullptr;  // SQLite's file keeps a pointer to it
};

IndexedFile& indexed(sqlite3_file* file) {
  return *reinterpret_cast<IndexedFile*>(file);
}
sqlite3_file* database_of(sqlite3_file* file) {
  return indexed(file).database;
}
sqlite3_file* index_of(sqlite3_file* file) {
  return indexed(file).index;
}

// What the method of `file` with that name says.
template <auto Method, sqlite3_file* (*Of)(sqlite3_file*), typename... Arguments>
auto forward(sqlite3_file* file, Arguments... arguments) {
  sqlite3_file* const to = Of(file);
  return (to->pMethods->*Method)(to, arguments...);
}

int close_indexed(sqlite3_file* file) {
  IndexedFile& own = indexed(file);
  const int code = own.database->pMethods->xClose(own.database);
  own.index->pMethods->xClose(own.index);
  sqlite3_free_filename(own.index_name);
  return code;
}

constexpr sqlite3_io_methods kMethods = [] {
  using Io = sqlite3_io_methods;
  Io methods{};
  methods.iVersion = 3;
  methods.xClose = close_indexed;
  methods.xRead = forward<&Io::xRead, database_of>;
  methods.xWrite = forward<&Io::xWrite, database_of>;
  methods.xTruncate = forward<&Io::xTruncate, database_of>;
  methods.xSync = forward<&Io::xSync, database_of>;
  methods.xFileSize = forward<&Io::xFileSize, database_of>;
  methods.xLock = forward<&Io::xLock, database_of>;
  methods.xUnlock = forward<&Io::xUnlock, database_of>;
  methods.xCheckReservedLock = forward<&Io::xCheckReservedLock, database_of>;
  methods.xFileControl = forward<&Io::xFileControl, database_of>;
  methods.xSectorSize = forward<&Io::xSectorSize, database_of>;
  methods.xDeviceCharacteristics = forward<&Io::xDeviceCharacteristics, database_of>;
  methods.xShmMap = forward<&Io::xShmMap, index_of>;
  methods.xShmLock = forward<&Io::xShmLock, index_of>;
  methods.xShmBarrier = forward<&Io::xShmBarrier, index_of>;
  methods.xShmUnmap = forward<&Io::xShmUnmap, index_of>;
  methods.xFetch = forward<&Io::xFetch, database_of>;
  methods.xUnfetch = forward<&Io::xUnfetch, database_of>;
  return methods;
}();

std::size_t aligned(std::size_t size) {
  constexpr std::size_t kUnit = alignof(std::max_align_t);
  return (size + kUnit - 1) / kUnit * kUnit;
}

int open_indexed(sqlite3_vfs* /*vfs*/, sqlite3_filename name, sqlite3_file* file, int flags,
                 int* got) {
  sqlite3_vfs* const below = default_vfs();
  const char* index =
      (flags & SQLITE_OPEN_MAIN_DB) != 0 ? sqlite3_uri_parameter(name, kParameter) : nullptr;
  if (index == nullptr) return below->xOpen(below, name, file, flags, got);

  auto* own = new (file) IndexedFile;
  auto* const memory = reinterpret_cast<char*>(file);
  const auto one = aligned(static_cast<std::size_t>(below->szOsFile));
  own->database = reinterpret_cast<sqlite3_file*>(memory + aligned(sizeof(IndexedFile)));
  own->index = reinterpret_cast<sqlite3_file*>(memory + aligned(sizeof(IndexedFile)) + one);
  own->index_name = sqlite3_create_filename(index, "", "", 0, nullptr);
  if (own->index_name == nullptr) return SQLITE_NOMEM;
  int code = below->xOpen(below, name, own->database, flags, got);
  if (code == SQLITE_OK) {
    code = below->xOpen(below, own->index_name, own->index, flags & ~SQLITE_OPEN_URI, nullptr);
    if (code != SQLITE_OK) own->database->pMethods->xClose(own->database);
  }
  if (code != SQLITE_OK) {
    sqlite3_free_filename(own->index_name);
    return code;  // without methods there is nothing for SQLite to close
  }
  own->base.pMethods = &kMethods;
  return SQLITE_OK;
}

void register_vfs() {
  // SQLite keeps the pointer as long as the program runs.
  static sqlite3_vfs vfs = *default_vfs();
  const std::size_t one = aligned(static_cast<std::size_t>(vfs.szOsFile));
  vfs.szOsFile = static_cast<int>(aligned(sizeof(IndexedFile)) + 2 * one);
  vfs.zName = kVfs;
  vfs.pNext = nullptr;
  vfs.xOpen = open_indexed;
  sqlite3_vfs_register(&vfs, 0);
}

// What has a meaning in a URI's path or query is said by its number.
std::string escaped(const std::string& path) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  for (const char letter : path) {
    if (std::string_view("%?#&=+").find(letter) == std::string_view::npos) {
      text += letter;
    } else {
      const auto byte = static_cast<unsigned char>(letter);
      text += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return text;
}

}  // namespace

std::string with_wal_index(const fs::path& database, const fs::path& index) {
  static std::once_flag once;
  std::call_once(once, register_vfs);
  return "file:" + escaped(fs::absolute(database).string()) + "?vfs=" + kVfs + "&" + kParameter +
         "=" + escaped(fs::absolute(index).string());
}

}  // namespace vitrine
