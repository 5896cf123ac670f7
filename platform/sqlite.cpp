#include "platform/sqlite.hpp"

#include <sqlite3.h>

#include <utility>

#include "base/math.hpp"

namespace vitrine {
namespace {

Error sqlite_error(sqlite3* handle, std::string_view doing) {
  const int code = sqlite3_errcode(handle) & 0xff;
  const ErrorCode kind = code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? ErrorCode::corrupt
                         : code == SQLITE_FULL                           ? ErrorCode::exhausted
                         : code == SQLITE_CONSTRAINT                     ? ErrorCode::conflict
                         : code == SQLITE_CANTOPEN                       ? ErrorCode::not_found
                                                                         : ErrorCode::unavailable;
  return fail(kind, std::string(doing) + ": " + sqlite3_errmsg(handle));
}

// Five seconds covers a checkpoint on slow flash; past that the caller has a real problem to
// report.
constexpr int kBusyTimeoutMs = 5000;
// Statements with other texts are few; texts made with values in them must not pile up.
constexpr std::size_t kMostIdle = 64;

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)), idle_(other.idle_) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  if (this != &other) {
    give_back();
    statement_ = std::exchange(other.statement_, nullptr);
    idle_ = other.idle_;
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
  const bool kept =
      idle_->size() < kMostIdle && idle_->try_emplace(sqlite3_sql(statement_), statement_).second;
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
  Error error = sqlite_error(sqlite3_db_handle(statement_), sqlite3_sql(statement_));
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

Result<Database> Database::open_owner(const fs::path& path, Durability durability) {
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  Database database(handle);
  if (code != SQLITE_OK) return sqlite_error(handle, "cannot open " + path.string());
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  int persist = 1;
  sqlite3_file_control(handle, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
  // The empty write transaction makes -wal and -shm exist before anybody is told that we are ready.
  const std::string setup =
      std::string("PRAGMA journal_mode=WAL; PRAGMA foreign_keys=ON; PRAGMA synchronous=") +
      (durability == Durability::full ? "FULL" : "NORMAL") + "; BEGIN IMMEDIATE; COMMIT;";
  if (auto done = database.execute(setup); !done) {
    return std::move(done).error().context("cannot open " + path.string());
  }
  return database;
}

Result<Database> Database::open_reader(const fs::path& path) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READONLY, nullptr);
  Database database(handle);
  if (code != SQLITE_OK) return sqlite_error(handle, "cannot read " + path.string());
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  return database;
}

Database::Database(Database&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), idle_(std::move(other.idle_)) {}

Database& Database::operator=(Database&& other) noexcept {
  if (this != &other) {
    close();
    handle_ = std::exchange(other.handle_, nullptr);
    idle_ = std::move(other.idle_);
  }
  return *this;
}

Database::~Database() {
  close();
}

void Database::close() {
  if (idle_) {
    for (const auto& [sql, statement] : *idle_) sqlite3_finalize(statement);
    idle_->clear();
  }
  sqlite3_close_v2(handle_);
}

Status Database::execute(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return sqlite_error(handle_, sql.substr(0, 60));
  }
  return ok();
}

Result<Statement> Database::prepare(std::string_view sql) {
  if (const auto idle = idle_->find(sql); idle != idle_->end()) {
    sqlite3_stmt* statement = idle->second;
    idle_->erase(idle);
    return Statement(statement, idle_.get());
  }
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &statement, nullptr) !=
      SQLITE_OK) {
    return sqlite_error(handle_, sql);
  }
  return Statement(statement, idle_.get());
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
std::int64_t Database::changes() const {
  return sqlite3_changes64(handle_);
}

Result<Transaction> Transaction::begin(Database& database) {
  auto begin = database.prepare("BEGIN IMMEDIATE");
  if (!begin) return std::move(begin).error();
  if (auto begun = begin->run(); !begun) return std::move(begun).error();
  return Transaction(&database);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
  if (database_ != nullptr) {
    // Nothing to do about a failed rollback: SQLite has then already rolled back by itself.
    (void)database_->execute("ROLLBACK");
  }
}

Status Transaction::commit() {
  auto commit = database_->prepare("COMMIT");
  if (!commit) return std::move(commit).error();
  auto done = commit->run();
  if (done) database_ = nullptr;
  return done;
}

}  // namespace vitrine
