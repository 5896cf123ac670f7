#include "backflow/sql_block.hpp"

#include <algorithm>

#include "base/math.hpp"

namespace vitrine {
namespace {

Error misfit(const SqlTable& table, std::size_t row, const SqlColumn& column) {
  return fail(ErrorCode::invalid, "row " + std::to_string(row) + " for table " + table.name +
                                      ": a value of the wrong kind, or too wide, for column " +
                                      column.name);
}

template <class Value>
std::size_t first_of(const std::vector<Value>& values, std::size_t from, const Value& wanted) {
  const auto begin = values.begin() + static_cast<std::ptrdiff_t>(from);
  return static_cast<std::size_t>(std::find(begin, values.end(), wanted) - values.begin());
}

// The first value that has no place in the column; `values.size()` when all have.
std::size_t first_misfit(const std::vector<std::int64_t>& values, std::size_t from,
                         const SqlColumn& column) {
  const bool may_be_absent = column.type == SqlType::maybe_integer;
  const IntegerWidth width = integer_width(column);
  if (width.bytes == 8)  // of UInt64 the bits
    return may_be_absent ? values.size() : first_of(values, from, kAbsent);
  const int bits = static_cast<int>(width.bytes * 8) - (width.is_signed ? 1 : 0);
  const std::int64_t end = std::int64_t{1} << bits, begin = width.is_signed ? -end : 0;
  for (std::size_t i = from; i < values.size(); ++i) {
    const bool fits = values[i] >= begin && values[i] < end;
    if (!fits && !(may_be_absent && values[i] == kAbsent)) return i;
  }
  return values.size();
}

}  // namespace

SqlBlock::SqlBlock(const SqlTable& table) : table_(&table), values_(table.columns.size()) {}

Result<SqlBlock> SqlBlock::of(const SqlTable& table, std::span<const SqlRow> rows) {
  SqlBlock block(table);
  for (const SqlRow& row : rows) {
    if (auto added = block.add_row(row); !added) return std::move(added).error();
  }
  return block;
}

Status SqlBlock::add_row(const SqlRow& row) {
  const auto& columns = table_->columns;
  if (row.size() != columns.size())
    return fail(ErrorCode::invalid, "row " + std::to_string(rows_) + " for table " + table_->name +
                                        " has " + std::to_string(row.size()) + " values for " +
                                        std::to_string(columns.size()) + " columns");
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const bool absent = row[c].index() == 0;
    const auto* integer = std::get_if<std::int64_t>(&row[c]);
    const auto* text = std::get_if<std::string>(&row[c]);
    bool good = true;
    if (is_integer(columns[c])) {
      good = absent || integer != nullptr;
      values_[c].integers.push_back(integer == nullptr ? kAbsent : *integer);
    } else if (columns[c].type == SqlType::hash) {
      const auto hash = text == nullptr ? std::nullopt : hash_from_hex(*text);
      good = absent || hash;
      values_[c].hashes.push_back(hash.value_or(Hash256{}));
    } else {
      good = absent || text != nullptr;
      values_[c].texts.push_back(text == nullptr ? std::nullopt : std::optional(*text));
    }
    if (good) continue;
    const std::size_t at = rows_;
    cut(at);
    return misfit(*table_, at, columns[c]);
  }
  end_row();
  return ok();
}

void SqlBlock::cut(std::size_t rows) {
  const auto keep = [&](auto& values) {
    if (values.size() > rows) values.resize(rows);
  };
  for (SqlValues& values : values_) {
    keep(values.integers);
    keep(values.hashes);
    keep(values.texts);
  }
  rows_ = rows;
  next_ = 0;
}

void SqlBlock::drop_first(std::size_t rows) {
  const auto drop = [&](auto& values) {
    if (!values.empty())
      values.erase(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(rows));
  };
  for (SqlValues& values : values_) {
    drop(values.integers);
    drop(values.hashes);
    drop(values.texts);
  }
  rows_ -= rows;
}

SqlRow SqlBlock::row(std::size_t r) const {
  SqlRow row(values_.size());
  for (std::size_t c = 0; c < values_.size(); ++c) {
    const SqlColumn& column = table_->columns[c];
    const SqlValues& values = values_[c];
    if (is_integer(column)) {
      if (values.integers[r] != kAbsent) row[c] = values.integers[r];
    } else if (column.type == SqlType::hash) {
      if (values.hashes[r] != Hash256{}) row[c] = to_hex(values.hashes[r]);
    } else if (values.texts[r]) {
      row[c] = *values.texts[r];
    }
  }
  return row;
}

Status SqlBlock::check(std::size_t from) const {
  for (std::size_t c = 0; c < values_.size(); ++c) {
    const SqlColumn& column = table_->columns[c];
    const auto& [integers, hashes, texts] = values_[c];
    const std::size_t size = is_integer(column)             ? integers.size()
                             : column.type == SqlType::hash ? hashes.size()
                                                            : texts.size();
    std::size_t wrong = std::min(size, rows_);  // too few, or too many: of another kind
    if (size == rows_ && is_integer(column)) wrong = first_misfit(integers, from, column);
    if (size == rows_ && column.type == SqlType::text)
      wrong = first_of(texts, from, std::optional<std::string>());
    if (wrong != rows_ || size != rows_) return misfit(*table_, wrong, column);
  }
  return ok();
}

IntegerWidth integer_width(const SqlColumn& column) {
  IntegerWidth width;
  std::string_view name = column.narrow;
  if (name.starts_with("U")) {
    width.is_signed = false;
    name.remove_prefix(1);
  }
  if (name == "Int8") width.bytes = 1;
  if (name == "Int16") width.bytes = 2;
  if (name == "Int32") width.bytes = 4;
  return width;
}

bool is_integer(const SqlColumn& column) {
  return column.type == SqlType::integer || column.type == SqlType::maybe_integer;
}

}  // namespace vitrine
