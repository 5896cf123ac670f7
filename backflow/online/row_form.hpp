// What the columns of each kind of file are, and how a row's texts become its values. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "backflow/online_reader.hpp"

namespace vitrine::online {

enum class ColumnForm {
  text,      // up to 256 bytes
  time,      // 2026-11-21T08:00:00Z, UTC unless it says another offset; microseconds
  date,      // 2026-11-21
  word,      // one of a list
  hash,      // hex of 32 digits or more: a raw id is no hash
  integer,   // from `least` to `most`
  money,     // decimal text, millionths
  share,     // decimal text 0..1, millionths
  rating,    // decimal text 0..100, thousandths
  currency,  // three capitals
  period     // 2026, 2026-Q4, 2026-11, 2026-11-21
};

struct FileColumn {
  std::string_view name;    // in the file
  std::string_view stored;  // in the table
  ColumnForm form = ColumnForm::text;
  bool required = false;
  std::span<const std::string_view> words = {};
  std::int64_t least = 0, most = 0;
};

struct RowFault {
  RowCause cause = RowCause::missing_value;
  std::string_view column;
};

class RowForm {
 public:
  explicit RowForm(OnlineKind kind);

  std::span<const FileColumn> columns() const { return columns_; }
  // Its place among columns(); -1: there is none of that name.
  int find(std::string_view name) const;

  // `texts` by the place in columns(); empty = absent.
  std::variant<SqlRow, RowFault> row_of(std::span<const std::string> texts,
                                        const OnlineRules& rules, const std::string& source,
                                        std::int64_t line) const;

 private:
  std::size_t place_of(std::string_view stored) const;
  void derive(SqlRow& row, const OnlineRules& rules) const;
  OnlineKind kind_;
  std::span<const FileColumn> columns_;
  std::size_t time_, day_, id_type_, id_hash_, currency_, source_, line_;  // in the table, if there
  std::vector<std::size_t> places_;  // of each file column in the table
};

// 2026-11-21T08:00:00Z, with a fraction, with a blank for the T, with another offset than Z or with
// none, which is UTC. Years 2000 to 2099.
std::optional<std::int64_t> parse_utc_us(std::string_view text);
// "-12.5" with `decimals` 6 is -12'500'000; nothing that is not exact, is no plain decimal number
// or does not fit.
std::optional<std::int64_t> parse_decimal(std::string_view text, int decimals);

// Hex of 32 to 128 digits, in small letters whatever they were; anything else is no hash of an id.
std::optional<std::string> parse_id_hash(std::string text);

bool is_utf8(std::string_view text);

}  // namespace vitrine::online
