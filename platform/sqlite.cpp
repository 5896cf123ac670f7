#include "platform/sqlite.hpp"

#include <sqlite3.h>
#include <sys/statvfs.h>

#include <unordered_map>
#include <utility>

#include "base/math.hpp"
#include "wal_index_vfs.hpp"

namespace vitrine {
namespace {

// The disk does not give back what was written to it: no other than damaged content.
bool cannot_be_read(int extended) {
  return extended == SQLITE_IOERR_READ || extended == SQLITE_IOERR_SHORT_READ ||
         extended == SQLITE_IOERR_DATA || extended == SQLITE_IOERR_CORRUPTFS;
}

Error sqlite_error(sqlite3* handle, std::string_view doing) {
  const int extended = sqlite3_extended_errcode(handle);
  const int code = extended & 0xff;
  const ErrorCode kind = code == SQLITE_CORRUPT || code == SQLITE_NOTADB || cannot_be_read(extended)
                             ? ErrorCode::corrupt
                         : code == SQLITE_FULL       ? ErrorCode::exhausted
                         : code == SQLITE_CONSTRAINT ? ErrorCode::conflict
                         : code == SQLITE_CANTOPEN   ? ErrorCode::not_found
                                                     : ErrorCode::unavailable;
  return fail(kind, std::string(doing) + ": " + sqlite3_errmsg(handle));
}

Error noted(Error error, bool& damaged) {
  if (error.code == ErrorCode::corrupt) damaged = true;
  return error;
}

// Of a file system that became read-only below open files ext4 takes writes and syncs all the same
// (ext4_sync_file returns 0 there unless its journal was aborted), and keeps none of it.
bool on_read_only_disk(sqlite3* handle) {
  const char* path = sqlite3_db_filename(handle, "main");
  struct statvfs disk {};
  return path != nullptr && ::statvfs(path, &disk) == 0 && (disk.f_flag & ST_RDONLY) != 0;
}

int open_handle(const fs::path& path, const fs::path& index, int flags, sqlite3** handle) {
  if (index.empty()) return sqlite3_open_v2(path.c_str(), handle, flags, nullptr);
  return sqlite3_open_v2(with_wal_index(path, index).c_str(), handle, flags | SQLITE_OPEN_URI,
                         nullptr);
}

// Five seconds covers a checkpoint on slow flash; past that the caller has a real problem to
// report.
constexpr int kBusyTimeoutMs = 5000;
constexpr int kCheckpointPages = 1000;  // of WAL, whatever their size; as SQLite does by itself
// Statements with other texts are few; texts made with values in them must not pile up.
constexpr std::size_t kMostIdle = 64;

}  // namespace

struct Statement::Shared {
  bool damaged = false;
  std::unordered_map<std::string_view, sqlite3_stmt*> idle;  // by SQLite's copy of the text
  Database::Committed committed;
  int checkpoint_pages = kCheckpointPages;

  void finalize_idle() {
    for (const auto& [sql, statement] : idle) sqlite3_finalize(statement);
    idle.clear();
  }
};

Statement::Statement(Statement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)), shared_(other.shared_) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  if (this != &other) {
    give_back();
    statement_ = std::exchange(other.statement_, nullptr);
    shared_ = other.shared_;
  }
  return *this;
}

Statement::~Statement() {
  give_back();
}

// A statement whose reset reports an error had one in its last step, which was told then.
void Statement::give_back() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  const bool kept = shared_->idle.size() < kMostIdle &&
                    shared_->idle.try_emplace(sqlite3_sql(statement_), statement_).second;
  if (!kept) sqlite3_finalize(statement_);
  statement_ = nullptr;
}

Statement& Statement::bind(int index, std::int64_t value) {
  if (value == kAbsent) {
    sqlite3_bind_null(statement_, index);
  } else {
    sqlite3_bind_int64(statement_, index, value);
  }
  return *this;
}

Statement& Statement::bind(int index, std::string_view text) {
  sqlite3_bind_text(statement_, index, text.data(), static_cast<int>(text.size()),
                    SQLITE_TRANSIENT);
  return *this;
}

Statement& Statement::bind(int index, ByteView blob) {
  sqlite3_bind_blob(statement_, index,
                    blob.empty() ? reinterpret_cast<const std::uint8_t*>("") : blob.data(),
                    static_cast<int>(blob.size()), SQLITE_TRANSIENT);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(statement_);
    return false;
  }
  Error error =
      noted(sqlite_error(sqlite3_db_handle(statement_), sqlite3_sql(statement_)), shared_->damaged);
  sqlite3_reset(statement_);
  return error;
}

Status Statement::run() {
  auto row = step();
  if (!row) return std::move(row).error();
  if (*row) reset();
  return ok();
}

void Statement::reset() {
  sqlite3_reset(statement_);
}

std::int64_t Statement::integer(int column) const {
  return is_null(column) ? kAbsent : sqlite3_column_int64(statement_, column);
}

std::string Statement::text(int column) const {
  const auto* text = sqlite3_column_text(statement_, column);
  return text == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(text));
}

Bytes Statement::blob(int column) const {
  const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes == nullptr ? Bytes() : Bytes(bytes, bytes + size);
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

bool Statement::is_integer(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_INTEGER;
}

int Statement::columns() const {
  return sqlite3_column_count(statement_);
}

Result<Database> Database::open_owner(const fs::path& path, Durability durability, int page_bytes,
                                      const fs::path& index) {
  sqlite3* handle = nullptr;
  const int code = open_handle(path, index, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &handle);
  Database database(handle);
  if (code != SQLITE_OK) return sqlite_error(handle, "cannot open " + path.string());
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  int persist = 1;
  sqlite3_file_control(handle, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
  // The empty write transaction makes -wal and -shm exist before anybody is told that we are ready.
  const std::string setup =
      "PRAGMA page_size=" + std::to_string(page_bytes) +
      std::string("; PRAGMA journal_mode=WAL; PRAGMA foreign_keys=ON; PRAGMA synchronous=") +
      (durability == Durability::full ? "FULL" : "NORMAL") + "; BEGIN IMMEDIATE; COMMIT;";
  if (auto done = database.execute(setup); !done) {
    return std::move(done).error().context("cannot open " + path.string());
  }
  // On a read-only disk SQLite opens for reading without a word, and stays with it.
  if (sqlite3_db_readonly(handle, "main") == 1)
    return fail(ErrorCode::unavailable, "cannot open " + path.string() + ": its disk is read-only");
  sqlite3_wal_hook(handle, on_commit, database.shared_.get());
  return database;
}

Result<Database> Database::open_reader(const fs::path& path, const fs::path& index) {
  sqlite3* handle = nullptr;
  const int code = open_handle(path, index, SQLITE_OPEN_READONLY, &handle);
  Database database(handle);
  if (code != SQLITE_OK) return sqlite_error(handle, "cannot read " + path.string());
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  return database;
}

Database::Database(sqlite3* handle)
    : handle_(handle), shared_(std::make_unique<Statement::Shared>()) {}

Database::Database(Database&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), shared_(std::move(other.shared_)) {}

Database& Database::operator=(Database&& other) noexcept {
  if (this != &other) {
    close();
    handle_ = std::exchange(other.handle_, nullptr);
    shared_ = std::move(other.shared_);
  }
  return *this;
}

Database::~Database() {
  close();
}

void Database::close() {
  if (shared_) shared_->finalize_idle();
  sqlite3_close_v2(handle_);
}

Status Database::execute(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return noted(sqlite_error(handle_, sql.substr(0, 60)), shared_->damaged);
  }
  return ok();
}

Result<Statement> Database::prepare(std::string_view sql) {
  if (const auto idle = shared_->idle.find(sql); idle != shared_->idle.end()) {
    sqlite3_stmt* statement = idle->second;
    shared_->idle.erase(idle);
    return Statement(statement, shared_.get());
  }
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &statement, nullptr) !=
      SQLITE_OK) {
    return noted(sqlite_error(handle_, sql), shared_->damaged);
  }
  return Statement(statement, shared_.get());
}

Result<std::optional<std::int64_t>> Database::scalar(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return std::move(statement).error();
  auto row = statement->step();
  if (!row) return std::move(row).error();
  if (!*row || statement->is_null(0)) return std::optional<std::int64_t>();
  return std::optional<std::int64_t>(statement->integer(0));
}

std::int64_t Database::last_insert_rowid() const {
  return sqlite3_last_insert_rowid(handle_);
}
bool Database::damaged() const {
  return shared_ != nullptr && shared_->damaged;
}
std::int64_t Database::changes() const {
  return sqlite3_changes64(handle_);
}

void Database::after_commit(Committed committed) {
  shared_->committed = std::move(committed);
}

void Database::checkpoint_after(int pages) {
  shared_->checkpoint_pages = pages;
}

int Database::on_commit(void* object, sqlite3* handle, const char* schema, int pages) {
  const auto& own = *static_cast<Statement::Shared*>(object);
  if (own.committed) {
    Database borrowed(handle);
    own.committed(borrowed);
    borrowed.shared_->finalize_idle();
    borrowed.handle_ = nullptr;
  }
  // This hook takes the place of SQLite's own, which is what checkpoints otherwise.
  if (pages >= own.checkpoint_pages) {
    sqlite3_wal_checkpoint_v2(handle, schema, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  }
  return SQLITE_OK;
}

Result<Transaction> Transaction::begin(Database& database) {
  const bool inner = sqlite3_get_autocommit(database.handle_) == 0;
  auto begin = database.prepare(inner ? "SAVEPOINT inner_one" : "BEGIN IMMEDIATE");
  if (!begin) return std::move(begin).error();
  if (auto begun = begin->run(); !begun) return std::move(begun).error();
  return Transaction(&database, inner);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)), inner_(other.inner_) {}

Transaction::~Transaction() {
  if (database_ != nullptr) {
    // Nothing to do about a failed rollback: SQLite has then already rolled back by itself.
    (void)database_->execute(inner_ ? "ROLLBACK TO inner_one; RELEASE inner_one" : "ROLLBACK");
  }
}

Status Transaction::commit() {
  if (!inner_ && on_read_only_disk(database_->handle_))
    return fail(ErrorCode::unavailable, "COMMIT: the disk is read-only");
  auto commit = database_->prepare(inner_ ? "RELEASE inner_one" : "COMMIT");
  if (!commit) return std::move(commit).error();
  auto done = commit->run();
  if (done) database_ = nullptr;
  return done;
}

}  // namespace vitrine
