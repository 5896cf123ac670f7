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
  for (const std::string& name : table.sorted) good = good && has(name);
  if (!table.day.empty()) good = good && has(table.day);
  if (good) return ok();
  return fail(ErrorCode::internal,
              "table '" + table.name + "' has a bad name, or a key or day that is no column of it");
}

}  // namespace store

Status SqlStore::append(const SqlTable& table, std::span<const SqlRow> rows) {
  const auto block = SqlBlock::of(table, rows);
  return block ? append(*block) : Status(block.error());
}

Status SqlStore::replace_day(const SqlTable& table, std::int64_t day,
                             std::span<const SqlRow> rows) {
  const auto block = SqlBlock::of(table, rows);
  return block ? replace_day(*block, day) : Status(block.error());
}

Result<std::unique_ptr<SqlStore>> open_sql_store(const std::string& address, SqlAccess access,
                                                 const std::string& owner) {
  if (address.starts_with(kClickhouse))
    return store::open_clickhouse_store(address.substr(kClickhouse.size()), access, owner);
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
