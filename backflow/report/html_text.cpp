#include "report/html_text.hpp"

#include <spdlog/fmt/fmt.h>

#include "base/math.hpp"
#include "base/time.hpp"

namespace vitrine::report {
namespace {

constexpr std::string_view kNarrowSpace = "\u202f";
constexpr std::string_view kReplacement = "\ufffd";

// How many bytes the character at the beginning has; 0: none begins there (RFC 3629).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xc2 ? 0
                             : first < 0xe0 ? 2
                             : first < 0xf0 ? 3
                             : first < 0xf5 ? 4
                                            : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  if (length > 2) {
    // Too long a form, a surrogate, or beyond the last character.
    const unsigned second = byte(1);
    if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
        (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f))
      return 0;
  }
  return length;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const char first = text.front();
    if (length == 0) {
      safe += kReplacement;
    } else if (length > 1) {
      safe += text.substr(0, length);
    } else if (static_cast<unsigned char>(first) < 0x20 || first == 0x7f) {
      safe += ' ';
    } else if (first == '&') {
      safe += "&amp;";
    } else if (first == '<') {
      safe += "&lt;";
    } else if (first == '>') {
      safe += "&gt;";
    } else if (first == '"') {
      safe += "&quot;";
    } else if (first == '\'') {
      safe += "&#39;";
    } else {
      safe += first;
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return safe;
}

std::string jpeg_address(ByteView jpeg) {
  // Addresses take the other alphabet, and no text without its padding.
  std::string text = to_base64url(jpeg);
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  text.append((4 - text.size() % 4) % 4, '=');
  return "data:image/jpeg;base64," + text;
}

std::string grouped(std::int64_t value) {
  std::string digits = std::to_string(value < 0 ? -value : value);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, kNarrowSpace);
  }
  return (value < 0 ? "-" : "") + digits;
}

std::string from_milli(std::int64_t milli) {
  if (milli > -9950 && milli < 9950 && milli % 1000 != 0) {
    const std::int64_t size = ((milli < 0 ? -milli : milli) + 50) / 100;
    return fmt::format("{}{}.{}", milli < 0 ? "-" : "", size / 10, size % 10);
  }
  return grouped(floor_div(milli + 500, 1000));
}

std::string percent(std::int64_t part, std::int64_t whole) {
  if (whole <= 0) return "-";
  const std::int64_t permille = mul_div_round(part, 1000, whole);
  // All but nothing is not nothing, and all but everything is not everything.
  if (permille == 0 && part > 0) return "under 0.1 %";
  if (permille == 1000 && part < whole) return "99.9 %";
  return fmt::format("{}.{} %", permille / 10, permille % 10);
}

std::string money(std::int64_t micro, std::string_view currency) {
  const std::int64_t cents = floor_div(micro + 5000, 10'000);
  const std::int64_t size = cents < 0 ? -cents : cents;
  return fmt::format("{}{}.{:02} {}", cents < 0 ? "-" : "", grouped(size / 100), size % 100,
                     currency);
}

std::string duration(std::int64_t seconds) {
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{} min", seconds / 60);
  if (seconds < 86400) return fmt::format("{} h {} min", seconds / 3600, seconds / 60 % 60);
  return fmt::format("{} d {} h", seconds / 86400, seconds / 3600 % 24);
}

std::string day_text(std::int64_t day) {
  if (day == 0) return "unknown day";
  const CivilDate date = civil_from_days(day);
  return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

}  // namespace vitrine::report
