// How a list of rows becomes columns and comes back (protocol/wire.proto). Private to the codec:
// protobuf shows here.
//
// A column is described once, by its place in the message and how it carries a value; the order is
// that of for_each_column without log_id and seq, which follow from the key of the batch.
#pragma once

#include <google/protobuf/repeated_field.h>

#include <algorithm>
#include <cassert>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/math.hpp"
#include "base/result.hpp"
#include "protocol/column.hpp"
#include "protocol/exposure.hpp"
#include "protocol/play.hpp"
#include "wire.pb.h"

namespace vitrine::wire_columns {

enum class Carry { plain, absent_plus_one, hash };

using Field = google::protobuf::RepeatedField<std::int64_t>;
using Hashes = google::protobuf::RepeatedPtrField<std::string>;

struct Column {
  std::string_view name;
  Field* field;
  Carry carry = Carry::plain;
};

std::vector<Column> columns_of(wire::PlayColumns& message);
std::vector<Column> columns_of(wire::ExposureColumns& message);
std::vector<Column> columns_of(wire::FlowColumns& message);

// Differences wrap: any int64 may follow any other, and undefined behaviour may not.
constexpr std::int64_t wrapping_add(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
constexpr std::int64_t wrapping_sub(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

// absent -> 0, 0.. -> 1.., negative stays: small for what is common, and no two values share a
// code.
constexpr std::int64_t absent_to_code(std::int64_t value) {
  if (value == kAbsent) return 0;
  return value >= 0 ? wrapping_add(value, 1) : value;
}
constexpr std::int64_t code_to_absent(std::int64_t code) {
  if (code == 0) return kAbsent;
  return code > 0 || code == kAbsent ? wrapping_sub(code, 1) : code;
}

// Writes the values of a column in the shortest of its three forms.
void put_column(const std::vector<std::int64_t>& values, Field& field);
// `rows` values whatever the form; an error names the column.
Result<std::vector<std::int64_t>> take_column(const Column& column, std::size_t rows);

// The times of a play are carried relative to its plan, where they are small.
PlayRow to_relative(PlayRow row);
PlayRow from_relative(PlayRow row);
template <class Row>
Row to_relative(Row row) {
  return row;
}
template <class Row>
Row from_relative(Row row) {
  return row;
}

inline bool is_key_column(std::string_view name) {
  return name == "log_id" || name == "seq";
}

template <class Row, class Message>
void put_rows(const std::vector<Row>& rows, Message& message, Hashes* hashes) {
  const std::vector<Column> columns = columns_of(message);
  std::vector<std::vector<std::int64_t>> values(columns.size());
  std::map<Hash256, std::int64_t> known{{Hash256{}, 0}};
  for (const Row& original : rows) {
    const Row row = to_relative(original);
    std::size_t at = 0;
    for_each_column(row, [&](std::string_view name, const auto& member) {
      if (is_key_column(name)) return;
      assert(columns[at].name == name);
      if constexpr (is_hash_column<std::remove_reference_t<decltype(member)>>) {
        const auto [entry, fresh] = known.try_emplace(member, known.size());
        if (fresh) hashes->Add(std::string(as_text(member)));
        values[at].push_back(entry->second);
      } else {
        const std::int64_t value = column_value(member);
        values[at].push_back(columns[at].carry == Carry::absent_plus_one ? absent_to_code(value)
                                                                         : value);
      }
      ++at;
    });
  }
  for (std::size_t i = 0; i < columns.size(); ++i) put_column(values[i], *columns[i].field);
}

template <class Row, class Message>
Result<std::vector<Row>> take_rows(Message& message, const Hashes* hashes, LogId log_id,
                                   std::uint64_t first, std::size_t count) {
  const std::vector<Column> columns = columns_of(message);
  std::vector<std::vector<std::int64_t>> values;
  for (const Column& column : columns) {
    auto taken = take_column(column, count);
    if (!taken) return std::move(taken).error();
    values.push_back(*std::move(taken));
  }
  for (int i = 0; hashes != nullptr && i < hashes->size(); ++i) {
    if (hashes->Get(i).size() != Hash256{}.size()) {
      return fail(ErrorCode::invalid,
                  "hash " + std::to_string(i) + " of the batch is not 32 bytes");
    }
  }
  std::string wrong;  // the first column whose value does not fit its member
  std::vector<Row> rows(count);
  for (std::size_t i = 0; i < count; ++i) {
    Row& row = rows[i];
    std::size_t at = 0;
    for_each_column(row, [&](std::string_view name, auto& member) {
      if (is_key_column(name)) return;
      assert(columns[at].name == name);
      std::int64_t value = values[at][i];
      if constexpr (is_hash_column<std::remove_reference_t<decltype(member)>>) {
        if (value < 0 || value > hashes->size()) {
          wrong = name;
        } else if (value > 0) {
          const std::string& hash = hashes->Get(static_cast<int>(value - 1));
          std::copy(hash.begin(), hash.end(), member.begin());
        } else {
          member = {};
        }
      } else {
        if (columns[at].carry == Carry::absent_plus_one) value = code_to_absent(value);
        set_column(member, value);
        if (column_value(member) != value) wrong = name;
      }
      ++at;
    });
    if (!wrong.empty()) {
      return fail(ErrorCode::invalid,
                  "row " + std::to_string(i) + ": the value of " + wrong + " is out of range");
    }
    row.log_id = log_id;
    row.seq = first + i;
    row = from_relative(row);
  }
  return rows;
}

}  // namespace vitrine::wire_columns
