// SQL tables made from a row's column list: what is added to for_each_column appears in the table,
// the INSERT and the SELECT at once. `seq` is the AUTOINCREMENT key of every log.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "platform/sqlite.hpp"
#include "protocol/column.hpp"

namespace vitrine {

// "log_id, seq, kind, ..."
template <class Row>
std::string row_columns() {
  std::string out;
  const Row row;
  for_each_column(row, [&](std::string_view name, const auto&) {
    out += (out.empty() ? "" : ", ") + std::string(name);
  });
  return out;
}

// The same as the body of CREATE TABLE.
template <class Row>
std::string row_definition() {
  std::string out;
  const Row row;
  for_each_column(row, [&](std::string_view name, const auto& member) {
    out += (out.empty() ? "" : ", ") + std::string(name);
    if (name == "seq") {
      out += " INTEGER PRIMARY KEY AUTOINCREMENT";
    } else {
      out += is_hash_column<std::remove_reference_t<decltype(member)>> ? " BLOB" : " INTEGER";
    }
  });
  return out;
}

// "INSERT INTO table(columns, more) VALUES(?, ...)"; `more` names columns beyond the row's, e.g.
// "chain, signature".
template <class Row>
std::string row_insert(std::string_view table, std::string_view more = "") {
  std::string columns = row_columns<Row>();
  if (!more.empty()) columns += ", " + std::string(more);
  std::string marks = "?";
  for (auto n = std::count(columns.begin(), columns.end(), ','); n > 0; --n) marks += ", ?";
  return "INSERT INTO " + std::string(table) + "(" + columns + ") VALUES(" + marks + ")";
}

// Binds the row's columns from parameter 1 on; returns the first parameter after them. The zero
// hash is an empty blob.
template <class Row>
int bind_row(Statement& statement, const Row& row) {
  int index = 1;
  for_each_column(row, [&](std::string_view, const auto& member) {
    if constexpr (is_hash_column<std::remove_reference_t<decltype(member)>>) {
      statement.bind(index++, member == Hash256{} ? ByteView{} : ByteView{member});
    } else {
      statement.bind(index++, column_value(member));
    }
  });
  return index;
}

// A blob of any other size than N reads as zero bytes: the chain then tells that the row was
// altered.
template <std::size_t N>
void read_fixed(const Statement& statement, int column, std::array<std::uint8_t, N>& out) {
  const Bytes blob = statement.blob(column);
  out.fill(0);
  if (blob.size() == N) std::copy(blob.begin(), blob.end(), out.begin());
}

// Reads the columns of row_columns() from column 0 on; returns the first column after them.
template <class Row>
int read_row(const Statement& statement, Row& row) {
  int index = 0;
  for_each_column(row, [&](std::string_view, auto& member) {
    if constexpr (is_hash_column<std::remove_reference_t<decltype(member)>>) {
      read_fixed(statement, index++, member);
    } else {
      set_column(member, statement.integer(index++));
    }
  });
  return index;
}

}  // namespace vitrine
