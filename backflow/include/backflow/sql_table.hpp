// What a table is, and values on their way out of a store: shared by both engines (sql_store.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace vitrine {

using SqlValue = std::variant<std::monostate, std::int64_t, std::string>;  // absent, integer, text
using SqlRow = std::vector<SqlValue>;

// A `hash` is a SHA-256 in lower-case hex, or absent. ClickHouse keeps its 32 bytes, zero for
// absent: it comes back as hex, but cannot be compared with a literal or NULL (SqlStore::present()
// asks whether it is there). `maybe_` may be absent.
enum class SqlType { integer, text, maybe_integer, maybe_text, hash };

struct SqlColumn {
  std::string name;
  SqlType type = SqlType::integer;
  // Of an integer where 64 bits are more than it needs: "UInt8", "Int32". ClickHouse's type; a
  // value that does not fit is refused by both. Empty: "Int64".
  std::string narrow = {};
  // Integer columns, never absent, that add up to nearly this: ClickHouse keeps the difference,
  // which takes a fraction of the room. A table with such columns is <name>_stored there, and
  // <name> a view of it.
  std::vector<std::string> less = {};
};

struct SqlTable {
  std::string name;
  std::vector<SqlColumn> columns;
  // Primary key in SQLite, where a second row with it is refused; the order on disk in ClickHouse,
  // which refuses nothing, unless `sorted` is. Never absent, except in SQLite.
  std::vector<std::string> key;
  // The integer column (days since 1970) by which days are replaced; empty: none. A partition in
  // ClickHouse.
  std::string day = {};
  // ClickHouse, for a table without a day: partitioned by intDiv(this column, kPartition), and all
  // rows of one append() must be of one partition. Empty: one partition.
  std::string partition = {};
  static constexpr std::int64_t kPartition = 256;
  // Further orders in which rows are asked for, columns each: indexes in SQLite. ClickHouse reads
  // the columns it needs and has none.
  std::vector<std::vector<std::string>> orders = {};
  // ClickHouse: the order on disk where most questions name another column than the key's first:
  // what they do not ask for is not read. Never absent.
  std::vector<std::string> sorted = {};
};

}  // namespace vitrine
