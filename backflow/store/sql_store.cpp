#include "backflow/sql_store.hpp"

#include <algorithm>

#include "store/sql_engines.hpp"

namespace vitrine {
namespace {

constexpr std::string_view kSqlite = "sqlite:", kClickhouse = "clickhouse:";

bool is_name(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

bool fits(const SqlValue& value, SqlType type) {
  switch (type) {
    case SqlType::integer:
      return value.index() == 1;
    case SqlType::maybe_integer:
      return value.index() != 2;
    case SqlType::text:
      return value.index() == 2;
    case SqlType::maybe_text:
      return value.index() != 1;
    case SqlType::hash: {
      const auto* text = std::get_if<std::string>(&value);
      return value.index() == 0 || (text != nullptr && text->size() == 64);
    }
  }
  return false;
}

}  // namespace

namespace store {

Status check_names(const SqlTable& table) {
  bool good = is_name(table.name) && !table.columns.empty();
  const auto has = [&](const std::string& name) {
    return std::any_of(table.columns.begin(), table.columns.end(),
                       [&](const SqlColumn& column) { return column.name == name; });
  };
  for (const SqlColumn& column : table.columns) good = good && is_name(column.name);
  for (const std::string& name : table.key) good = good && has(name);
  if (!table.day.empty()) good = good && has(table.day);
  if (good) return ok();
  return fail(ErrorCode::internal,
              "table '" + table.name + "' has a bad name, or a key or day that is no column of it");
}

Status check_rows(const SqlTable& table, std::span<const SqlRow> rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].size() != table.columns.size())
      return fail(ErrorCode::invalid, "row " + std::to_string(i) + " for table " + table.name +
                                          " has " + std::to_string(rows[i].size()) +
                                          " values for " + std::to_string(table.columns.size()) +
                                          " columns");
    for (std::size_t c = 0; c < rows[i].size(); ++c) {
      if (!fits(rows[i][c], table.columns[c].type))
        return fail(ErrorCode::invalid, "row " + std::to_string(i) + " for table " + table.name +
                                            ": a value of the wrong kind for column " +
                                            table.columns[c].name);
    }
  }
  return ok();
}

}  // namespace store

Result<std::unique_ptr<SqlStore>> open_sql_store(const std::string& address, SqlAccess access) {
  if (address.starts_with(kClickhouse))
    return store::open_clickhouse_store(address.substr(kClickhouse.size()), access);
  const std::string path = address.starts_with(kSqlite) ? address.substr(kSqlite.size()) : address;
  if (path.empty())
    return fail(ErrorCode::invalid,
                "no store is named: it is sqlite:PATH or clickhouse:http://HOST:PORT/DATABASE");
  return store::open_sqlite_store(path, access);
}

std::string sql_store_name(const std::string& address) {
  if (!address.starts_with(kClickhouse)) return address;
  return std::string(kClickhouse) + store::clickhouse_name(address.substr(kClickhouse.size()));
}

std::string sql_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\0') {
      quoted += "\xef\xbf\xbd";
      continue;
    }
    if (c == '\'') quoted += '\'';
    quoted += c;
  }
  return quoted + "'";
}

Result<SqlValue> sql_scalar(SqlStore& store, const std::string& sql) {
  SqlValue value;
  bool first = true;
  auto done = store.query(sql, [&](const SqlRow& row) {
    if (first && !row.empty()) value = row.front();
    first = false;
    return ok();
  });
  if (!done) return std::move(done).error();
  return value;
}

std::int64_t sql_integer(const SqlValue& value) {
  const auto* integer = std::get_if<std::int64_t>(&value);
  return integer == nullptr ? 0 : *integer;
}

const std::string& sql_text(const SqlValue& value) {
  static const std::string none;
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? none : *text;
}

}  // namespace vitrine
