// The texts of single values: times, decimal numbers, UTF-8.
#include <charconv>

#include "base/math.hpp"
#include "base/time.hpp"
#include "online/row_form.hpp"

namespace vitrine::online {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes characters from the front of a text.
class Front {
 public:
  explicit Front(std::string_view text) : left_(text) {}
  bool empty() const { return left_.empty(); }
  bool take(char c) {
    if (left_.empty() || left_.front() != c) return false;
    left_.remove_prefix(1);
    return true;
  }
  // Exactly so many digits; -1: they are not there.
  int number(std::size_t digits) {
    if (left_.size() < digits) return -1;
    int value = 0;
    for (const char c : left_.substr(0, digits)) {
      if (!is_digit(c)) return -1;
      value = value * 10 + (c - '0');
    }
    left_.remove_prefix(digits);
    return value;
  }
  // Behind a point: microseconds, of 1 to 9 digits; the rest is cut off.
  std::optional<std::int64_t> fraction() {
    std::int64_t value = 0, unit = kSecond / 10;
    std::size_t digits = 0;
    for (; digits < left_.size() && is_digit(left_[digits]); ++digits, unit /= 10)
      value += (left_[digits] - '0') * unit;
    if (digits == 0 || digits > 9) return std::nullopt;
    left_.remove_prefix(digits);
    return value;
  }

 private:
  std::string_view left_;
};

// What stands behind the time of day, in microseconds; a text without it is UTC.
std::optional<std::int64_t> offset_of(Front& front) {
  if (front.empty() || front.take('Z')) return 0;
  const bool east = front.take('+');
  if (!east && !front.take('-')) return std::nullopt;
  const int hours = front.number(2);
  const int minutes = front.take(':') ? front.number(2) : -1;
  if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59) return std::nullopt;
  const std::int64_t offset = hours * kHour + minutes * kMinute;
  return east ? offset : -offset;
}

}  // namespace

std::optional<std::int64_t> parse_utc_us(std::string_view text) {
  Front front(text);
  CivilDate date;
  date.year = front.number(4);
  if (date.year < 2000 || date.year > 2099 || !front.take('-')) return std::nullopt;
  date.month = front.number(2);
  if (date.month < 1 || date.month > 12 || !front.take('-')) return std::nullopt;
  date.day = front.number(2);
  const std::int64_t day = days_from_civil(date);
  if (date.day < 1 || !(civil_from_days(day) == date)) return std::nullopt;
  if (!front.take('T') && !front.take(' ')) return std::nullopt;
  const int hour = front.number(2);
  const int minute = front.take(':') ? front.number(2) : -1;
  const int second = front.take(':') ? front.number(2) : -1;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
    return std::nullopt;
  std::int64_t part = 0;
  if (front.take('.')) {
    const auto read = front.fraction();
    if (!read) return std::nullopt;
    part = *read;
  }
  const auto offset = offset_of(front);
  if (!offset || !front.empty()) return std::nullopt;
  return day * kDay + hour * kHour + minute * kMinute + second * kSecond + part - *offset;
}

std::optional<std::int64_t> parse_decimal(std::string_view text, int decimals) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::string_view part = point == std::string_view::npos ? "" : text.substr(point + 1);
  if (whole.empty() || (point != std::string_view::npos && part.empty())) return std::nullopt;
  while (part.size() > static_cast<std::size_t>(decimals) && part.ends_with('0'))
    part.remove_suffix(1);
  if (part.size() > static_cast<std::size_t>(decimals)) return std::nullopt;
  std::string digits(whole);
  digits += part;
  digits.append(static_cast<std::size_t>(decimals) - part.size(), '0');
  for (const char c : digits)
    if (!is_digit(c)) return std::nullopt;
  std::int64_t value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (read.ec != std::errc()) return std::nullopt;
  return negative ? -value : value;
}

std::optional<std::string> parse_id_hash(std::string text) {
  if (text.size() < 32 || text.size() > 128) return std::nullopt;
  for (char& c : text) {
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    if (!is_digit(c) && !(c >= 'a' && c <= 'f')) return std::nullopt;
  }
  return text;
}

// RFC 3629, section 4.
bool is_utf8(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  for (std::size_t at = 0; at < text.size();) {
    const unsigned char first = byte(at);
    if (first < 0x80) {
      ++at;
      continue;
    }
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || at + length > text.size()) return false;
    const unsigned char second = byte(at + 1);
    const unsigned char least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    const unsigned char most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (second < least || second > most) return false;
    for (std::size_t i = at + 2; i < at + length; ++i)
      if ((byte(i) & 0xc0) != 0x80) return false;
    at += length;
  }
  return true;
}

}  // namespace vitrine::online
