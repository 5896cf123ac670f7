// Rows on their way into a store, column by column: integers as integers, hashes as their bytes.
// Rows of values that may each be anything take four times the room, and several times the
// processor to make, to check and to write.
//
// A row is added value by value, in the order of the table's columns:
//     block.add(device).add(seq).add(hash).end_row();
// What was added is not looked at before check(), which both engines ask.
//
// Threads: one writer, or any number of readers.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backflow/sql_table.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"

namespace vitrine {

// The values of one column, in the vector that is of its type; the two others are empty.
struct SqlValues {
  std::vector<std::int64_t> integers;             // kAbsent: absent
  std::vector<Hash256> hashes;                    // zero: absent
  std::vector<std::optional<std::string>> texts;  // nullopt: absent
};

class SqlBlock {
 public:
  // Of no rows. The table must outlive it.
  explicit SqlBlock(const SqlTable& table);
  // `invalid` when a row has too many values or too few, or one of another kind than its column.
  static Result<SqlBlock> of(const SqlTable& table, std::span<const SqlRow> rows);

  SqlBlock& add(std::int64_t integer) {
    values_[next_++].integers.push_back(integer);
    return *this;
  }
  SqlBlock& add(const Hash256& hash) {
    values_[next_++].hashes.push_back(hash);
    return *this;
  }
  SqlBlock& add(std::string_view text) {
    values_[next_++].texts.emplace_back(text);
    return *this;
  }
  void end_row() {
    next_ = 0;
    ++rows_;
  }
  // A whole row, or `invalid` and nothing, as above.
  Status add_row(const SqlRow& row);
  // Keeps the first `rows`; takes the first `rows` away.
  void cut(std::size_t rows);
  void drop_first(std::size_t rows);

  const SqlTable& table() const { return *table_; }
  std::size_t rows() const { return rows_; }
  const SqlValues& column(std::size_t c) const { return values_[c]; }
  // As a store's query would give it back.
  SqlRow row(std::size_t r) const;

  // `invalid`, with the row, the table and the column, unless each value from row `from` on is of
  // its column's kind, fits it, and is there where it must be.
  Status check(std::size_t from = 0) const;

 private:
  const SqlTable* table_;
  std::vector<SqlValues> values_;
  std::size_t rows_ = 0;
  std::size_t next_ = 0;
};

// How many bytes an integer column takes in ClickHouse, and whether it may be below zero.
struct IntegerWidth {
  std::size_t bytes = 8;
  bool is_signed = true;
};
IntegerWidth integer_width(const SqlColumn& column);
bool is_integer(const SqlColumn& column);

}  // namespace vitrine
