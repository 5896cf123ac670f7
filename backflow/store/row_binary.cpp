#include "store/row_binary.hpp"

#include <algorithm>
#include <charconv>

#include "base/bytes.hpp"

namespace vitrine::store {
namespace {

constexpr std::size_t kHashBytes = 32;

struct Width {
  std::size_t bytes = 8;
  bool is_signed = true;
};

Width width_of(const SqlColumn& column) {
  Width width;
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

bool holds(Width width, std::int64_t value) {
  if (width.bytes == 8) return true;  // of UInt64 the bits
  const int bits = static_cast<int>(width.bytes * 8) - (width.is_signed ? 1 : 0);
  const std::int64_t end = std::int64_t{1} << bits;
  return value < end && value >= (width.is_signed ? -end : 0);
}

void append_integer(std::string& out, Width width, std::int64_t value) {
  auto bits = static_cast<std::uint64_t>(value);
  for (std::size_t i = 0; i < width.bytes; ++i, bits >>= 8) out += static_cast<char>(bits & 0xff);
}

void append_text(std::string& out, const std::string& text) {
  std::size_t size = text.size();
  for (; size >= 0x80; size >>= 7) out += static_cast<char>((size & 0x7f) | 0x80);
  out += static_cast<char>(size);
  out += text;
}

void append_hash(std::string& out, const std::string& hex) {
  const auto hash = hash_from_hex(hex).value_or(Hash256{});
  out.append(hash.begin(), hash.end());
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

Status append_row_binary(std::string& out, const SqlTable& table, std::span<const SqlRow> rows,
                         std::span<const std::size_t> picked) {
  std::vector<Width> widths;
  for (const SqlColumn& column : table.columns) widths.push_back(width_of(column));
  for (const std::size_t r : picked) {
    for (std::size_t c = 0; c < widths.size(); ++c) {
      const SqlValue& value = rows[r][c];
      const SqlColumn& column = table.columns[c];
      const auto* text = std::get_if<std::string>(&value);
      if (column.type == SqlType::hash) {
        append_hash(out, text == nullptr ? std::string() : *text);
        continue;
      }
      if (column.type == SqlType::maybe_integer || column.type == SqlType::maybe_text) {
        out += value.index() == 0 ? '\1' : '\0';
        if (value.index() == 0) continue;
      }
      if (text != nullptr) {
        append_text(out, *text);
        continue;
      }
      const std::int64_t integer = std::get<std::int64_t>(value);
      if (!holds(widths[c], integer))
        return fail(ErrorCode::invalid, "row " + std::to_string(r) + " for table " + table.name +
                                            ": " + std::to_string(integer) +
                                            " does not fit column " + column.name + ", " +
                                            column.narrow);
      append_integer(out, widths[c], integer);
    }
  }
  return ok();
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
