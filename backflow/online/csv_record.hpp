// One record of a CSV text (RFC 4180): fields between commas; a field between double quotes may
// hold commas, line ends and doubled quotes. Lines end with LF or CRLF. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vitrine::online {

struct CsvRecord {
  std::vector<std::string> fields;
  std::size_t size = 0;   // bytes of the text that it takes, its line end included
  std::size_t lines = 0;  // how many lines that is
};

enum class CsvOutcome {
  record,
  more,  // the text ends before the record does
  bad    // a quote where none may stand, or one that is never closed
};

// The record with which `text` begins. `whole`: nothing follows `text`. `into.fields` is used
// again, so that a long file does not allocate for each row.
CsvOutcome read_csv_record(std::string_view text, bool whole, CsvRecord& into);

// The field as RFC 4180 writes it, in quotes.
std::string csv_quoted(std::string_view field);

}  // namespace vitrine::online
