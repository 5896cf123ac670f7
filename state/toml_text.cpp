#include "toml_text.hpp"

#include <spdlog/fmt/fmt.h>

namespace vitrine {
namespace {

// Length of the valid UTF-8 sequence at the start of `text` (RFC 3629 §4: no overlong forms, no
// surrogates), 0 if none.
std::size_t sequence_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = at(0);
  const std::size_t length = lead < 0x80                   ? 1
                             : lead >= 0xc2 && lead < 0xe0 ? 2
                             : lead >= 0xe0 && lead < 0xf0 ? 3
                             : lead >= 0xf0 && lead < 0xf5 ? 4
                                                           : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xc0) != 0x80) return 0;
  }
  if (lead == 0xe0 && at(1) < 0xa0) return 0;
  if (lead == 0xed && at(1) > 0x9f) return 0;
  if (lead == 0xf0 && at(1) < 0x90) return 0;
  if (lead == 0xf4 && at(1) > 0x8f) return 0;
  return length;
}

}  // namespace

std::string toml_quoted(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    const char c = text.front();
    if (length == 0) {
      out += "\\uFFFD";
    } else if (length > 1) {
      out += text.substr(0, length);
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out + "\"";
}

TomlText& TomlText::integer(std::string_view key, std::int64_t value) {
  out_ += fmt::format("{} = {}\n", key, value);
  return *this;
}

TomlText& TomlText::boolean(std::string_view key, bool value) {
  out_ += fmt::format("{} = {}\n", key, value);
  return *this;
}

TomlText& TomlText::text(std::string_view key, std::string_view value) {
  out_ += fmt::format("{} = {}\n", key, toml_quoted(value));
  return *this;
}

TomlText& TomlText::texts(std::string_view key, const std::vector<std::string>& values) {
  out_ += fmt::format("{} = [", key);
  for (std::size_t i = 0; i < values.size(); ++i) {
    out_ += i == 0 ? "" : ", ";
    out_ += toml_quoted(values[i]);
  }
  out_ += "]\n";
  return *this;
}

TomlText& TomlText::table(std::string_view name) {
  out_ += fmt::format("\n[{}]\n", name);
  return *this;
}

}  // namespace vitrine
