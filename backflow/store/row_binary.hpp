// What ClickHouse reads and writes: RowBinary for rows that go in, TabSeparatedWithNamesAndTypes
// for those that come back, its own form of text literals. Pure. Private to the store.
#pragma once

#include "backflow/sql_store.hpp"

namespace vitrine::store {

// "Nullable(UInt8)" and so on.
std::string clickhouse_type(const SqlColumn& column);

// Appends the rows that `picked` names, of a table that check_rows() let pass. `invalid` for an
// integer that its column is too narrow for.
Status append_row_binary(std::string& out, const SqlTable& table, std::span<const SqlRow> rows,
                         std::span<const std::size_t> picked);

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
