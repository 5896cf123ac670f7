// Writing the small TOML files of state/: the counterpart of platform's Config, which reads them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "platform/config.hpp"
#include "protocol/column.hpp"

namespace vitrine {

// A TOML basic string with its quotes. Bytes that are no UTF-8 become U+FFFD: an error message may
// quote anything, and a reader must still be able to read the rest of the file.
std::string toml_quoted(std::string_view text);

// Lines "key = value", in the order of the calls.
class TomlText {
 public:
  TomlText& integer(std::string_view key, std::int64_t value);
  TomlText& boolean(std::string_view key, bool value);
  TomlText& text(std::string_view key, std::string_view value);
  TomlText& texts(std::string_view key, const std::vector<std::string>& values);
  TomlText& table(std::string_view name);
  const std::string& str() const { return out_; }

 private:
  std::string out_;
};

// A row as one table: integers by name, hashes in hex, the zero hash left out.
template <class Row>
void write_row(TomlText& out, const Row& row) {
  for_each_column(row, [&](std::string_view name, const auto& member) {
    if constexpr (is_hash_column<std::remove_reference_t<decltype(member)>>) {
      if (member != Hash256{}) out.text(name, to_hex(member));
    } else {
      out.integer(name, column_value(member));
    }
  });
}

// Columns that are missing keep the row's defaults.
template <class Row>
void read_row(const Config& from, const std::string& prefix, Row& row) {
  for_each_column(row, [&](std::string_view name, auto& member) {
    const std::string key = prefix + std::string(name);
    if constexpr (is_hash_column<std::remove_reference_t<decltype(member)>>) {
      member = hash_from_hex(from.text_or(key, "")).value_or(Hash256{});
    } else {
      set_column(member, from.integer_or(key, column_value(member)));
    }
  });
}

}  // namespace vitrine
