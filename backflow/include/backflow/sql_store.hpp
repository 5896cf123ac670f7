// One door to the two engines that can hold the backend's tables: SQLite, a file of this machine,
// and ClickHouse over HTTP. Everything above it is written once, in the SQL that SQLite 3.40,
// ClickHouse 18.16 (Debian 12) and current ClickHouse share.
//
// What they do not share, so do not use it: `/` and `%` on integers (ClickHouse makes a fraction;
// sum in SQL, divide in C++), LIKE without regard to case (SQLite alone),
// comments, window functions, UPDATE, joins that are not by equality. NULL is NULL in both, in
// outer joins too; two tables of one join need aliases, and each column said with its alias.
// A text literal stands between single quotes, a quote in it doubled, as the SQL standard says: the
// ClickHouse engine makes its own form of that. Nothing from outside may reach SQL but by
// sql_quoted().
//
// Threads: a store is used by one thread at a time. Several stores may be open on one database, in
// one process or in several.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "backflow/sql_block.hpp"
#include "base/result.hpp"

namespace vitrine {

class SqlStore {
 public:
  virtual ~SqlStore() = default;

  // Makes the table unless it is there. One that is there with other columns is an error,
  // `conflict`.
  virtual Status create(const SqlTable& table) = 0;
  // Calls `row` for each row, streamed; ends with the first error it returns. Integers of any width
  // are integers (unsigned 64-bit ones by their bits), all else is text. `not_found`: a table is
  // not there. ClickHouse: at most `kQuerySeconds`.
  virtual Status query(const std::string& sql, const std::function<Status(const SqlRow&)>& row) = 0;
  // The block's rows, into its table: whole or not at all, there to be read and (in SQLite) durable
  // when it returns. `invalid`, and nothing is done, unless every value has a place in its column.
  // In ClickHouse a table with a day is whole within each day: one that is killed can leave some
  // days of a call. After `unavailable` nobody knows whether they are in: ask before they are sent
  // again.
  virtual Status append(const SqlBlock& block) = 0;
  // All rows of that day are these from now on, in one step. None: the day is emptied.
  virtual Status replace_day(const SqlBlock& block, std::int64_t day) = 0;
  // The same for rows with their values in the order of the columns.
  Status append(const SqlTable& table, std::span<const SqlRow> rows);
  Status replace_day(const SqlTable& table, std::int64_t day, std::span<const SqlRow> rows);
  // Deletes for good, for erasure and retention; done when it returns. ClickHouse writes every part
  // of the table anew that has such a row: not for daily use.
  virtual Status remove(const std::string& table, const std::string& where) = 0;

  // All that `work` does by this store in one transaction where the engine has them (SQLite), so it
  // costs one fsync; step by step in order in ClickHouse.
  virtual Status together(const std::function<Status()>& work) = 0;

  // The condition, for a WHERE, that a column of type `hash` is not absent.
  virtual std::string present(const std::string& hash_column) const = 0;

  static constexpr long kQuerySeconds = 600;
};

enum class SqlAccess { write, read };

// "sqlite:PATH", or PATH alone: WAL, made when it is not there unless `access` is read, and then
// `not_found`.
// "clickhouse:http://[USER[:PASSWORD]@]HOST:PORT/DATABASE": the database is made when it is not
// there. A password in a file, by "?password_file=PATH" at the end, keeps it out of process lists.
// Neither is ever part of an error or a log line. `owner` ([a-z0-9-], may be empty): what an
// earlier store of this name left under way in ClickHouse, by a kill or a time-out, is ended before
// anything else is done; at most one process at a time may have it.
Result<std::unique_ptr<SqlStore>> open_sql_store(const std::string& address,
                                                 SqlAccess access = SqlAccess::write,
                                                 const std::string& owner = "");
// The address without user and password, for log lines.
std::string sql_store_name(const std::string& address);

// A text literal. A NUL in it, which SQLite cannot hold, becomes U+FFFD.
std::string sql_quoted(std::string_view text);

// The first value of the first row; absent when there is none.
Result<SqlValue> sql_scalar(SqlStore& store, const std::string& sql);
// 0 and "" when absent or of the other kind.
std::int64_t sql_integer(const SqlValue& value);
const std::string& sql_text(const SqlValue& value);

}  // namespace vitrine
