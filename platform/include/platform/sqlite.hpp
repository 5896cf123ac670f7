// The only caller of SQLite. A Database is used by one thread at a time; a Statement belongs to its
// Database and must not outlive it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "platform/file.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace vitrine {

class Statement {
 public:
  Statement() = default;
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  // Parameters count from 1; kAbsent is stored as NULL.
  Statement& bind(int index, std::int64_t value);
  Statement& bind(int index, std::string_view text);
  Statement& bind(int index, ByteView blob);

  // true: a row is there to be read; false: done. On `done` the statement is ready to be bound and
  // run again.
  Result<bool> step();
  // Runs a statement that returns no rows.
  Status run();
  void reset();

  // Columns count from 0; NULL reads as kAbsent / empty.
  std::int64_t integer(int column) const;
  std::string text(int column) const;
  Bytes blob(int column) const;
  bool is_null(int column) const;
  bool is_integer(int column) const;
  int columns() const;

 private:
  friend class Database;
  struct Shared;  // what a database and its statements have in common
  Statement(sqlite3_stmt* statement, Shared* shared) : statement_(statement), shared_(shared) {}
  void give_back();
  sqlite3_stmt* statement_ = nullptr;
  Shared* shared_ = nullptr;  // its database's
};

class Database {
 public:
  enum class Durability { full, normal };

  // Owner: WAL, the given synchronous mode, foreign keys, and PERSIST_WAL so that -wal and -shm
  // stay for readers of another user; they exist when this returns. `page_bytes` applies to a new
  // file, a power of two from 512 on: each transaction writes whole pages, so a log of small rows
  // on flash wants small ones. With `index`, a path on tmpfs, the map that is -shm otherwise is
  // there as <index>-shm, and the flash is spared it; then nobody can follow the database who does
  // not open it with the same `index`: another program's sqlite3 sees it as it was at some moment.
  static Result<Database> open_owner(const fs::path& path, Durability durability = Durability::full,
                                     int page_bytes = 4096, const fs::path& index = {});
  // Reader of a database another process owns (mode=ro). `not_found` while the owner has not made
  // it yet. Keep transactions short (500 rows or 50 ms) and never hold one across I/O: a long
  // reader stops the owner's checkpoint.
  static Result<Database> open_reader(const fs::path& path, const fs::path& index = {});

  Database(Database&& other) noexcept;
  Database& operator=(Database&& other) noexcept;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  Status execute(const std::string& sql);  // one or more statements without parameters
  // A statement that was prepared before and is in nobody's hands is taken up again: parsing costs
  // more than most of ours cost to run.
  Result<Statement> prepare(std::string_view sql);
  // First column of the first row; nullopt when there is no row or it is NULL.
  Result<std::optional<std::int64_t>> scalar(std::string_view sql);
  std::int64_t last_insert_rowid() const;
  std::int64_t changes() const;
  // Whether any call since it was opened met `corrupt`: the file is to be set aside.
  bool damaged() const;

  // Called after every commit of this connection in WAL mode, its lock released. It gets this
  // database to read from and must not keep it.
  using Committed = std::function<void(Database&)>;
  void after_commit(Committed committed);
  // How many pages the -wal grows before its content goes into the file; 1000 until it is said.
  // Not by PRAGMA wal_autocheckpoint, which would end the calls above.
  void checkpoint_after(int pages);

 private:
  friend class Transaction;
  explicit Database(sqlite3* handle);
  static int on_commit(void* object, sqlite3* handle, const char* schema, int pages);
  void close();
  sqlite3* handle_ = nullptr;
  std::unique_ptr<Statement::Shared> shared_;  // statements and SQLite hold its address
};

// BEGIN IMMEDIATE on construction; ROLLBACK unless commit() succeeded. One that is begun inside
// another is a savepoint of that: it can be given up alone, and is durable when the outer one is.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Status commit();

 private:
  Transaction(Database* database, bool inner) : database_(database), inner_(inner) {}
  Database* database_;
  bool inner_;
};

}  // namespace vitrine
