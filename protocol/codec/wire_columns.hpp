// How a list of rows becomes columns and comes back; protocol/wire.proto has the format. Private to
// the codec.
//
// A column is described once: its name, how it is predicted, and whether it may be absent; the
// order is that of for_each_column without log_id and seq, which follow from the key of the batch.
#pragma once

#include <cassert>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/math.hpp"
#include "base/result.hpp"
#include "protocol/batch.hpp"
#include "protocol/column.hpp"
#include "protocol/wire.hpp"

namespace vitrine::wire_columns {

enum class Predict { before, line, creative, plain };
enum class Carry { value, absent_plus_one, hash, content };

struct Column {
  std::string_view name;
  Predict predict = Predict::before;
  Carry carry = Carry::value;
};
using Values = std::vector<std::int64_t>;

template <class Row>
const std::vector<Column>& columns_of();
template <>
const std::vector<Column>& columns_of<PlayRow>();
template <>
const std::vector<Column>& columns_of<ExposureRow>();
template <>
const std::vector<Column>& columns_of<FlowRow>();

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

// The table of values, a column after the other, <-> bytes. `creative` is the place of the column
// that Predict::creative goes by; columns.size() where there is none. `sizes` gets the bytes of
// each column.
std::string put_table(const std::vector<Column>& columns, const std::vector<Values>& table,
                      std::size_t creative, std::vector<std::size_t>* sizes = nullptr);
// Reads exactly `rows` of each column and all bytes; an error names the column.
Result<std::vector<Values>> take_table(const std::vector<Column>& columns, ByteView bytes,
                                       std::size_t rows, std::size_t creative);
std::size_t place_of(const std::vector<Column>& columns, std::string_view name);

// Where no other row says so, values are carried relative to what is near them, and small.
void to_relative(std::vector<PlayRow>& rows, const BootId& boot);
void from_relative(std::vector<PlayRow>& rows, const BootId& boot);
void to_relative(std::vector<FlowRow>& rows, const BootId& boot);
void from_relative(std::vector<FlowRow>& rows, const BootId& boot);
inline void to_relative(std::vector<ExposureRow>&, const BootId&) {}
inline void from_relative(std::vector<ExposureRow>&, const BootId&) {}

// The hashes of a batch and what is expected next.
class Hashes {
 public:
  std::int64_t put(const Hash256& hash, Carry carry, std::int64_t creative);
  // False: the code names no hash there is.
  bool take(std::int64_t code, Carry carry, std::int64_t creative, Hash256& hash);

  // While reading: this many are not in `bytes` but are what these creatives are known to show.
  void left_out(std::uint32_t count, const ContentOf& contents) {
    left_out_ = count;
    contents_ = &contents;
  }
  bool complete() const { return left_out_ == 0; }

  std::string bytes;  // 32 each

 private:
  std::size_t count() const { return bytes.size() / Hash256{}.size(); }
  std::int64_t expected(Carry carry, std::int64_t creative) const;
  bool fill_in(std::int64_t place, std::int64_t creative);
  void used(std::int64_t place, Carry carry, std::int64_t creative);
  std::uint32_t left_out_ = 0;
  const ContentOf* contents_ = nullptr;
  std::map<Hash256, std::int64_t> place_;             // while writing
  std::map<std::int64_t, std::int64_t> of_creative_;  // content
  std::int64_t before_ = 0;                           // the other hash column there is
  std::int64_t fresh_ = 1;                            // the first that no row used
};

inline bool is_key_column(std::string_view name) {
  return name == "log_id" || name == "seq";
}

template <class Row>
std::int64_t creative_of(const Row& row) {
  if constexpr (std::is_same_v<Row, PlayRow>) {
    return static_cast<std::int64_t>(row.creative);
  } else {
    return 0;
  }
}

template <class Row, class Message>
void put_rows(std::vector<Row> rows, const BootId& boot, Message& message,
              std::vector<std::size_t>* sizes = nullptr) {
  const std::vector<Column>& columns = columns_of<Row>();
  std::vector<Values> table(columns.size());
  Hashes hashes;
  std::vector<std::int64_t> creatives;
  for (const Row& row : rows) creatives.push_back(creative_of(row));
  to_relative(rows, boot);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::size_t at = 0;
    for_each_column(rows[i], [&](std::string_view name, const auto& member) {
      if (is_key_column(name)) return;
      assert(columns[at].name == name);
      const Carry carry = columns[at].carry;
      if constexpr (is_hash_column<std::remove_reference_t<decltype(member)>>) {
        table[at].push_back(hashes.put(member, carry, creatives[i]));
      } else {
        const std::int64_t value = column_value(member);
        table[at].push_back(carry == Carry::absent_plus_one ? absent_to_code(value) : value);
      }
      ++at;
    });
  }
  message.set_hashes(hashes.bytes);
  message.set_columns(put_table(columns, table, place_of(columns, "creative"), sizes));
}

template <class Row, class Message>
Result<std::vector<Row>> take_rows(const Message& message, const BatchKey& key, const BootId& boot,
                                   std::size_t count, const ContentOf& contents = {}) {
  const std::vector<Column>& columns = columns_of<Row>();
  auto table =
      take_table(columns, as_bytes(message.columns()), count, place_of(columns, "creative"));
  if (!table) return std::move(table).error();
  Hashes hashes;
  hashes.bytes = message.hashes();
  hashes.left_out(message.hashes_left_out(), contents);
  if (hashes.bytes.size() % Hash256{}.size() != 0)
    return fail(ErrorCode::invalid, "the hashes of the batch are not 32 bytes each");
  bool unknown = false;
  std::string wrong;  // the first column whose value does not fit its member
  std::vector<Row> rows(count);
  for (std::size_t i = 0; i < count; ++i) {
    Row& row = rows[i];
    std::size_t at = 0;
    for_each_column(row, [&](std::string_view name, auto& member) {
      if (is_key_column(name)) return;
      assert(columns[at].name == name);
      const Carry carry = columns[at].carry;
      std::int64_t value = (*table)[at][i];
      if constexpr (is_hash_column<std::remove_reference_t<decltype(member)>>) {
        if (!hashes.take(value, carry, creative_of(row), member)) {
          if (hashes.complete())
            wrong = name;
          else
            unknown = true;
        }
      } else {
        if (carry == Carry::absent_plus_one) value = code_to_absent(value);
        set_column(member, value);
        if (column_value(member) != value) wrong = name;
      }
      ++at;
    });
    if (unknown) {
      return fail(ErrorCode::not_found,
                  "row " + std::to_string(i) + ": the content hash was left out and is not known");
    }
    if (!wrong.empty()) {
      return fail(ErrorCode::invalid,
                  "row " + std::to_string(i) + ": the value of " + wrong + " is out of range");
    }
    row.log_id = key.log_id;
    row.seq = key.first + i;
  }
  if (!hashes.complete())
    return fail(ErrorCode::not_found, "hashes were left out that no row of the batch uses");
  from_relative(rows, boot);
  return rows;
}

}  // namespace vitrine::wire_columns
