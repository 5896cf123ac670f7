// Plain tables: one record a line, fields between commas.
#pragma once

#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace vitrine::plan {

// One record; the views are into the text that was read. Errors name the line.
class Record {
 public:
  Record(std::size_t line, std::vector<std::string_view> fields)
      : line_(line), fields_(std::move(fields)) {}

  std::string_view text(std::size_t field) const { return fields_[field]; }
  std::size_t size() const { return fields_.size(); }

  Error bad(std::size_t field, const std::string& expected) const {
    return fail(ErrorCode::invalid, "line " + std::to_string(line_) + ": " + expected +
                                        " expected, found '" + std::string(fields_[field]) + "'");
  }

  template <class T>
  Result<T> number(std::size_t field, T least, T most) const {
    T value{};
    const std::string_view text = fields_[field];
    const auto end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || error != std::errc{} || at != end || value < least || value > most) {
      return bad(field, "a number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    return value;
  }

  // A number >= 0 with up to three decimals, in thousandths: 12.5 is 12500.
  Result<std::int64_t> thousandths(std::size_t field, std::int64_t most) const {
    const std::string_view text = fields_[field];
    const auto point = std::min(text.find('.'), text.size());
    std::string digits(text.substr(0, point));
    const auto decimals = text.size() - std::min(point + 1, text.size());
    if (point < text.size()) digits += text.substr(point + 1);
    if (decimals <= 3) digits.append(3 - decimals, '0');
    const Record whole(line_, {digits});
    const auto value = whole.number<std::int64_t>(0, 0, most * 1000);
    const bool bare = point == 0 || (point < text.size() && decimals == 0);
    if (decimals > 3 || bare || !value) {
      return bad(field, "a number from 0 to " + std::to_string(most) + ", at most three decimals,");
    }
    return value;
  }

  Result<std::int64_t> day(std::size_t field) const {
    auto day = parse_date(std::string(fields_[field]));
    if (!day) return bad(field, "a day as 2026-11-23");
    return day;
  }

 private:
  std::size_t line_;
  std::vector<std::string_view> fields_;
};

// Calls `take(record)` for each line below the first, which must be `header`; each has as many
// fields. Empty lines are left out. Stops at the first error.
template <class Take>
Status for_each_record(std::string_view csv, std::string_view header, const Take& take) {
  const auto split = [](std::string_view line) {
    std::vector<std::string_view> fields;
    for (std::size_t from = 0;;) {
      const auto comma = line.find(',', from);
      fields.push_back(line.substr(from, comma - from));
      if (comma == std::string_view::npos) return fields;
      from = comma + 1;
    }
  };
  const std::size_t columns = split(header).size();
  std::size_t number = 0;
  for (std::size_t at = 0; at < csv.size() || number == 0;) {
    const auto end = std::min(csv.find('\n', at), csv.size());
    std::string_view line = csv.substr(at, end - at);
    at = end + 1;
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (number == 1) {
      if (line != header) {
        return fail(ErrorCode::invalid, "line 1: '" + std::string(header) + "' expected, found '" +
                                            std::string(line.substr(0, 100)) + "'");
      }
      continue;
    }
    if (line.empty()) continue;
    const Record record(number, split(line));
    if (record.size() != columns) {
      return fail(ErrorCode::invalid, "line " + std::to_string(number) + ": " +
                                          std::to_string(columns) + " fields expected, found " +
                                          std::to_string(record.size()));
    }
    if (auto taken = take(record); !taken) return taken;
  }
  return ok();
}

}  // namespace vitrine::plan
