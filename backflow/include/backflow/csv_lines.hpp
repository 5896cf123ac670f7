// CSV as RFC 4180 has it: commas, CRLF, quotes where a field needs them. Figures stay figures. Text
// that a spreadsheet would run as a formula (it begins with = + - @, tab or CR) gets an apostrophe
// before it, as spreadsheets themselves write it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vitrine {

class CsvLine {
 public:
  CsvLine& text(std::string_view field);
  CsvLine& integer(std::int64_t value);  // kAbsent: empty
  CsvLine& milli(std::int64_t value);    // 12345 -> 12.345
  CsvLine& micro(std::int64_t value);    // 1234500 -> 1.234500
  CsvLine& flag(bool value) { return integer(value ? 1 : 0); }
  CsvLine& empty();
  // The line with its end; ready for the next one.
  std::string take();

 private:
  CsvLine& raw(std::string_view field);
  std::string line_;
  bool first_ = true;
};

}  // namespace vitrine
