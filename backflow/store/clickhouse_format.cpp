#include "store/clickhouse_format.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#include "base/bytes.hpp"
#include "base/math.hpp"

namespace vitrine::store {
namespace {

static_assert(std::endian::native == std::endian::little, "a Native block is little-endian");

constexpr std::size_t kHashBytes = 32;

using Picked = std::span<const std::size_t>;

void append_count(std::string& out, std::size_t count) {
  for (; count >= 0x80; count >>= 7) out += static_cast<char>((count & 0x7f) | 0x80);
  out += static_cast<char>(count);
}

void append_text(std::string& out, std::string_view text) {
  append_count(out, text.size());
  out += text;
}

// Room for so many bytes more, and where they begin.
char* room(std::string& out, std::size_t bytes) {
  out.resize(out.size() + bytes);
  return out.data() + out.size() - bytes;
}

template <class Integer>
void append_as(std::string& out, const std::vector<std::int64_t>& values, Picked picked) {
  char* to = room(out, picked.size() * sizeof(Integer));
  for (const std::size_t r : picked) {
    const auto value = static_cast<Integer>(values[r]);
    std::memcpy(to, &value, sizeof value);
    to += sizeof value;
  }
}

void append_integers(std::string& out, const std::vector<std::int64_t>& values, Picked picked,
                     std::size_t bytes) {
  switch (bytes) {
    case 1:
      return append_as<std::int8_t>(out, values, picked);
    case 2:
      return append_as<std::int16_t>(out, values, picked);
    case 4:
      return append_as<std::int32_t>(out, values, picked);
    default:
      return append_as<std::int64_t>(out, values, picked);
  }
}

void append_hashes(std::string& out, const std::vector<Hash256>& hashes, Picked picked) {
  char* to = room(out, picked.size() * kHashBytes);
  for (const std::size_t r : picked) {
    std::memcpy(to, hashes[r].data(), kHashBytes);
    to += kHashBytes;
  }
}

// A column's integers as they are kept: 0 where there is none, and less those that nearly make them
// up; modulo 2^64, as ClickHouse adds it up again.
std::vector<std::int64_t> kept_integers(const SqlBlock& block, std::size_t c) {
  const std::vector<std::int64_t>& whole = block.column(c).integers;
  std::vector<std::int64_t> kept = whole;
  const SqlTable& table = block.table();
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const auto& less = table.columns[c].less;
    if (std::find(less.begin(), less.end(), table.columns[i].name) == less.end()) continue;
    const auto& others = block.column(i).integers;
    for (std::size_t r = 0; r < kept.size(); ++r)
      kept[r] = static_cast<std::int64_t>(static_cast<std::uint64_t>(kept[r]) -
                                          static_cast<std::uint64_t>(others[r]));
  }
  for (std::size_t r = 0; r < kept.size(); ++r)
    if (whole[r] == kAbsent) kept[r] = 0;
  return kept;
}

void append_absent(std::string& out, const SqlColumn& column, const SqlValues& values,
                   Picked picked) {
  char* to = room(out, picked.size());
  for (const std::size_t r : picked)
    *to++ = is_integer(column) ? values.integers[r] == kAbsent : !values.texts[r].has_value();
}

void append_column(std::string& out, const SqlBlock& block, std::size_t c, Picked picked) {
  const SqlColumn& column = block.table().columns[c];
  const SqlValues& values = block.column(c);
  append_text(out, stored_column(column));
  append_text(out, clickhouse_type(column));
  if (column.type == SqlType::maybe_integer || column.type == SqlType::maybe_text)
    append_absent(out, column, values, picked);
  if (is_integer(column)) {
    const std::size_t bytes = integer_width(column).bytes;
    if (column.type == SqlType::integer && column.less.empty()) {
      append_integers(out, values.integers, picked, bytes);
    } else {
      append_integers(out, kept_integers(block, c), picked, bytes);
    }
  } else if (column.type == SqlType::hash) {
    append_hashes(out, values.hashes, picked);
  } else {
    for (const std::size_t r : picked) append_text(out, values.texts[r] ? *values.texts[r] : "");
  }
}

// Field by field of a TabSeparated line, escapes undone; nullopt is NULL.
std::optional<std::string> unescaped(std::string_view field) {
  if (field == "\\N") return std::nullopt;
  std::string text;
  text.reserve(field.size());
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] != '\\' || i + 1 == field.size()) {
      text += field[i];
      continue;
    }
    switch (const char c = field[++i]; c) {
      case 't':
        text += '\t';
        break;
      case 'n':
        text += '\n';
        break;
      case 'r':
        text += '\r';
        break;
      case '0':
        text += '\0';
        break;
      case 'b':
        text += '\b';
        break;
      case 'f':
        text += '\f';
        break;
      default:
        text += c;
    }
  }
  return text;
}

std::optional<std::int64_t> integer_of(std::string_view text) {
  const char* end = text.data() + text.size();
  std::int64_t value = 0;
  if (const auto [stop, error] = std::from_chars(text.data(), end, value);
      error == std::errc{} && stop == end)
    return value;
  std::uint64_t bits = 0;
  if (const auto [stop, error] = std::from_chars(text.data(), end, bits);
      error == std::errc{} && stop == end)
    return static_cast<std::int64_t>(bits);
  return std::nullopt;
}

// The fields of a line; an empty line is one empty field.
template <class Take>
void for_each_field(std::string_view line, Take&& take) {
  for (;;) {
    const std::size_t tab = line.find('\t');
    take(line.substr(0, tab));
    if (tab == std::string_view::npos) return;
    line.remove_prefix(tab + 1);
  }
}

}  // namespace

std::string clickhouse_type(const SqlColumn& column) {
  const std::string integer = column.narrow.empty() ? "Int64" : column.narrow;
  switch (column.type) {
    case SqlType::integer:
      return integer;
    case SqlType::maybe_integer:
      return "Nullable(" + integer + ")";
    case SqlType::text:
      return "String";
    case SqlType::maybe_text:
      return "Nullable(String)";
    case SqlType::hash:
      break;
  }
  return "FixedString(32)";
}

std::string stored_column(const SqlColumn& column) {
  return column.less.empty() ? column.name : column.name + "_less";
}

std::string stored_name(const SqlTable& table) {
  const bool whole = std::all_of(table.columns.begin(), table.columns.end(),
                                 [](const SqlColumn& column) { return column.less.empty(); });
  return whole ? table.name : table.name + "_stored";
}

std::string view_of(const SqlTable& table) {
  if (stored_name(table) == table.name) return {};
  std::string sql;
  for (const SqlColumn& column : table.columns) {
    sql += sql.empty() ? "SELECT " : ", ";
    for (const std::string& name : column.less) sql += name + " + ";
    sql += stored_column(column);
    if (!column.less.empty()) sql += " AS " + column.name;
  }
  return sql + " FROM " + stored_name(table);
}

std::string native_block(const SqlBlock& block, std::span<const std::size_t> picked) {
  std::string out;
  // About what it takes, so that little of it is moved while it grows.
  std::size_t most = 0;
  for (const SqlColumn& column : block.table().columns)
    most += is_integer(column) ? 9 : column.type == SqlType::hash ? kHashBytes : 24;
  out.reserve(picked.size() * most);
  append_count(out, block.table().columns.size());
  append_count(out, picked.size());
  for (std::size_t c = 0; c < block.table().columns.size(); ++c)
    append_column(out, block, c, picked);
  return out;
}

std::string clickhouse_sql(std::string_view sql) {
  std::string out;
  bool inside = false;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    const char c = sql[i];
    if (c == '\'') {
      const bool doubled = inside && i + 1 < sql.size() && sql[i + 1] == '\'';
      if (doubled) {
        out += "\\'";
        ++i;
        continue;
      }
      inside = !inside;
    } else if (inside && c == '\\') {
      out += '\\';
    }
    out += c;
  }
  while (!out.empty() && (out.back() == ';' || out.back() == ' ' || out.back() == '\n'))
    out.pop_back();
  return out;
}

Status TabSeparatedRows::take(std::string_view piece) {
  for (;;) {
    const std::size_t end = piece.find('\n');
    if (end == std::string_view::npos) {
      rest_ += piece;
      return ok();
    }
    rest_ += piece.substr(0, end);
    piece.remove_prefix(end + 1);
    auto done = line(rest_);
    if (!done) return done;
    rest_.clear();
  }
}

Status TabSeparatedRows::line(std::string_view text) {
  if (header_lines_ < 2) {
    if (++header_lines_ == 1) return ok();  // names
    for_each_field(text, [&](std::string_view type) {
      if (type.starts_with("Nullable(")) type = type.substr(9, type.size() - 10);
      const bool integer = type.starts_with("Int") || type.starts_with("UInt");
      kinds_.push_back(integer                     ? Kind::integer
                       : type == "FixedString(32)" ? Kind::hash
                                                   : Kind::text);
    });
    values_.resize(kinds_.size());
    return ok();
  }
  std::size_t column = 0;
  bool good = true;
  for_each_field(text, [&](std::string_view field) {
    if (column == kinds_.size()) {
      good = false;
      return;
    }
    SqlValue& value = values_[column];
    const Kind kind = kinds_[column++];
    if (kind == Kind::integer) {
      const auto integer = integer_of(field);
      good = good && (integer || field == "\\N");
      value = integer ? SqlValue(*integer) : SqlValue();
      return;
    }
    auto plain = unescaped(field);
    if (plain && kind == Kind::hash) {
      const auto bytes = as_bytes(*plain);
      const bool zero = std::all_of(bytes.begin(), bytes.end(), [](auto b) { return b == 0; });
      good = good && bytes.size() == kHashBytes;
      value = zero ? SqlValue() : SqlValue(to_hex(bytes));
    } else {
      value = plain ? SqlValue(*std::move(plain)) : SqlValue();
    }
  });
  if (!good || column != kinds_.size())
    return fail(ErrorCode::unavailable,
                "ClickHouse answered with a row that does not match its "
                "own header");
  return row_(values_);
}

std::string clickhouse_complaint(std::string_view answer) {
  constexpr std::size_t kMost = 300;
  constexpr std::string_view mark = "DB::Exception: ";
  if (const auto at = answer.find(mark); at != std::string_view::npos)
    answer.remove_prefix(at + mark.size());
  for (const std::string_view end : {", e.what() =", " (version ", "\n"})
    answer = answer.substr(0, answer.find(end));
  std::string text(answer.substr(0, kMost));
  return text.empty() ? "no reason given" : text;
}

int clickhouse_code(std::string_view answer) {
  constexpr std::string_view mark = "Code: ";
  const auto at = answer.find(mark);
  if (at == std::string_view::npos) return 0;
  answer.remove_prefix(at + mark.size());
  int code = 0;
  std::from_chars(answer.data(), answer.data() + answer.size(), code);
  return code;
}

}  // namespace vitrine::store
