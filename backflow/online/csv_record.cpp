#include "online/csv_record.hpp"

namespace vitrine::online {
namespace {

// Walks one record; `at` is where the next character stands.
class CsvWalk {
 public:
  CsvWalk(std::string_view text, bool whole, CsvRecord& into)
      : text_(text), whole_(whole), into_(into) {}

  CsvOutcome walk() {
    while (true) {
      std::string& field = next_field();
      const CsvOutcome outcome =
          at_ < text_.size() && text_[at_] == '"' ? quoted(field) : plain(field);
      if (outcome != CsvOutcome::record) return outcome;
      if (at_ == text_.size()) return whole_ ? end() : CsvOutcome::more;
      if (text_[at_++] == '\n') {
        ++into_.lines;
        return end();
      }
    }
  }

 private:
  // Up to the comma, the line end or the text's end, which `at_` then names.
  CsvOutcome plain(std::string& field) {
    const std::size_t stop = text_.find_first_of(",\n\"", at_);
    const std::size_t until = stop == std::string_view::npos ? text_.size() : stop;
    field.assign(text_.substr(at_, until - at_));
    at_ = until;
    if (at_ < text_.size() && text_[at_] == '"') return CsvOutcome::bad;
    const bool ends = at_ == text_.size() || text_[at_] == '\n';
    if (ends && field.ends_with('\r')) field.pop_back();
    return CsvOutcome::record;
  }

  CsvOutcome quoted(std::string& field) {
    for (++at_;;) {
      const std::size_t quote = text_.find('"', at_);
      const std::string_view part =
          text_.substr(at_, quote == std::string_view::npos ? quote : quote - at_);
      field.append(part);
      for (const char c : part) into_.lines += c == '\n' ? 1 : 0;
      if (quote == std::string_view::npos) return unfinished();
      at_ = quote + 1;
      if (at_ == text_.size()) return whole_ ? CsvOutcome::record : CsvOutcome::more;
      if (text_[at_] != '"') break;
      field.push_back('"');
      ++at_;
    }
    if (text_[at_] == '\r') {
      ++at_;
      if (at_ == text_.size()) return whole_ ? CsvOutcome::record : CsvOutcome::more;
      return text_[at_] == '\n' ? CsvOutcome::record : CsvOutcome::bad;
    }
    return text_[at_] == ',' || text_[at_] == '\n' ? CsvOutcome::record : CsvOutcome::bad;
  }

  CsvOutcome unfinished() const { return whole_ ? CsvOutcome::bad : CsvOutcome::more; }

  CsvOutcome end() {
    if (at_ == text_.size() && (at_ == 0 || text_[at_ - 1] != '\n')) ++into_.lines;
    into_.fields.resize(used_);
    into_.size = at_;
    return CsvOutcome::record;
  }

  std::string& next_field() {
    if (used_ == into_.fields.size()) into_.fields.emplace_back();
    std::string& field = into_.fields[used_++];
    field.clear();
    return field;
  }

  std::string_view text_;
  bool whole_;
  CsvRecord& into_;
  std::size_t at_ = 0, used_ = 0;
};

}  // namespace

CsvOutcome read_csv_record(std::string_view text, bool whole, CsvRecord& into) {
  into.size = into.lines = 0;
  return CsvWalk(text, whole, into).walk();
}

std::string csv_quoted(std::string_view field) {
  std::string text = "\"";
  for (const char c : field) {
    if (c == '"') text.push_back('"');
    text.push_back(c);
  }
  return text + "\"";
}

}  // namespace vitrine::online
