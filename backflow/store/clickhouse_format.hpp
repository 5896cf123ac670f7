// What ClickHouse reads and writes: a Native block for rows that go in,
// TabSeparatedWithNamesAndTypes for those that come back, its own form of text literals. Pure.
// Private to the store.
#pragma once

#include "backflow/sql_store.hpp"

namespace vitrine::store {

// "Nullable(UInt8)" and so on.
std::string clickhouse_type(const SqlColumn& column);

// The table that holds the rows, and the SELECT of its view; empty when it needs none.
std::string stored_name(const SqlTable& table);
std::string view_of(const SqlTable& table);
// Of a column in the table that holds the rows.
std::string stored_column(const SqlColumn& column);

// The rows that `picked` names, of a block whose check() was passed, as one Native block: it says
// how many rows it has, so one that is cut off on its way is refused as a whole. In a format of
// rows a connection that dies between two of them would look like the end.
std::string native_block(const SqlBlock& block, std::span<const std::size_t> picked);

// The same SQL with its literals as ClickHouse writes them, where a backslash escapes.
std::string clickhouse_sql(std::string_view sql);

// Takes an answer in pieces of any size and hands on its rows.
class TabSeparatedRows {
 public:
  explicit TabSeparatedRows(std::function<Status(const SqlRow&)> row) : row_(std::move(row)) {}
  Status take(std::string_view piece);

 private:
  enum class Kind { integer, text, hash };
  Status line(std::string_view text);

  std::function<Status(const SqlRow&)> row_;
  std::string rest_;  // of a line that has not ended
  int header_lines_ = 0;
  std::vector<Kind> kinds_;
  SqlRow values_;
};

// One short line of what the server wrote about a refusal.
std::string clickhouse_complaint(std::string_view answer);
// Its number, 0 when there is none.
int clickhouse_code(std::string_view answer);

}  // namespace vitrine::store
