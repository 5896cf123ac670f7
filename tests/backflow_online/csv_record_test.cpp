#include "online/csv_record.hpp"

#include <doctest/doctest.h>

namespace vitrine {
namespace {

using online::CsvOutcome;
using online::CsvRecord;
using online::read_csv_record;

std::vector<std::string> fields_of(std::string_view text) {
  CsvRecord record;
  REQUIRE(read_csv_record(text, true, record) == CsvOutcome::record);
  return record.fields;
}

TEST_CASE("a CSV record is read as RFC 4180 writes it") {
  using Fields = std::vector<std::string>;
  CHECK(fields_of("a,b,c\r\nd") == Fields{"a", "b", "c"});
  CHECK(fields_of("a,,\n") == Fields{"a", "", ""});
  CHECK(fields_of("\"a,b\",\"say \"\"hi\"\"\",\"two\r\nlines\"\n") ==
        Fields{"a,b", "say \"hi\"", "two\r\nlines"});
  CHECK(fields_of("\"\",\"\"") == Fields{"", ""});
  CHECK(fields_of("one") == Fields{"one"});
  CHECK(fields_of("a b , c\n") == Fields{"a b ", " c"});
}

TEST_CASE("a CSV record knows how many bytes and lines it takes") {
  CsvRecord record;
  REQUIRE(read_csv_record("a,\"b\n\nc\"\r\nnext", true, record) == CsvOutcome::record);
  CHECK(record.size == 10);
  CHECK(record.lines == 3);
  REQUIRE(read_csv_record("last", true, record) == CsvOutcome::record);
  CHECK(record.size == 4);
  CHECK(record.lines == 1);
}

TEST_CASE("a CSV record that is not all there asks for more, at every byte of it") {
  const std::string text = "id,\"a \"\"b\"\"\nc\",\r\n";
  CsvRecord record;
  for (std::size_t size = 0; size < text.size(); ++size) {
    CAPTURE(size);
    CHECK(read_csv_record(text.substr(0, size), false, record) == CsvOutcome::more);
  }
  CHECK(read_csv_record(text, false, record) == CsvOutcome::record);
}

TEST_CASE("a quote where none may stand is no CSV record") {
  CsvRecord record;
  for (const char* text : {"a\"b,c\n", "\"a\"b,c\n", "\"never closed,\n", "\"a\"\rb\n"}) {
    CAPTURE(text);
    CHECK(read_csv_record(text, true, record) == CsvOutcome::bad);
  }
}

TEST_CASE("a field that is written in quotes is read as it was") {
  for (const std::string field : {"", "a\"b", "\"", "x,y\nz", "=cmd|' /C calc'!A0"}) {
    CAPTURE(field);
    CHECK(fields_of(online::csv_quoted(field) + "\n") == std::vector<std::string>{field});
  }
}

}  // namespace
}  // namespace vitrine
