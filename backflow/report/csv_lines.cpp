#include "backflow/csv_lines.hpp"

#include "base/math.hpp"

namespace vitrine {
namespace {

// `value` with its last `places` digits behind the point.
std::string decimal(std::int64_t value, std::size_t places) {
  std::string digits = std::to_string(value < 0 ? -value : value);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  digits.insert(digits.size() - places, ".");
  return (value < 0 ? "-" : "") + digits;
}

}  // namespace

CsvLine& CsvLine::raw(std::string_view field) {
  if (!first_) line_ += ',';
  first_ = false;
  line_ += field;
  return *this;
}

CsvLine& CsvLine::text(std::string_view field) {
  std::string safe;
  if (!field.empty() && std::string_view("=+-@\t\r").find(field.front()) != std::string_view::npos)
    safe += '\'';
  safe += field;
  if (safe.find_first_of(",\"\r\n") == std::string::npos) return raw(safe);
  std::string quoted = "\"";
  for (const char c : safe) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return raw(quoted + '"');
}

CsvLine& CsvLine::integer(std::int64_t value) {
  return value == kAbsent ? empty() : raw(std::to_string(value));
}

CsvLine& CsvLine::milli(std::int64_t value) {
  return raw(decimal(value, 3));
}

CsvLine& CsvLine::micro(std::int64_t value) {
  return raw(decimal(value, 6));
}

CsvLine& CsvLine::empty() {
  return raw({});
}

std::string CsvLine::take() {
  std::string line = std::move(line_) + "\r\n";
  line_.clear();
  first_ = true;
  return line;
}

}  // namespace vitrine
