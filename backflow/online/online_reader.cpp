#include "backflow/online_reader.hpp"

#include <algorithm>

#include "backflow/online_rows.hpp"
#include "online/csv_record.hpp"
#include "online/json_line.hpp"
#include "online/row_form.hpp"

namespace vitrine {

using online::CsvOutcome;
using online::RowFault;

const SqlTable& online_table(OnlineKind kind) {
  switch (kind) {
    case OnlineKind::events:
      break;
    case OnlineKind::cost:
      return online_cost_table();
    case OnlineKind::benchmark:
      return online_benchmark_table();
    case OnlineKind::links:
      return online_link_table();
  }
  return online_event_table();
}

std::optional<OnlineKind> online_kind(std::string_view name) {
  const auto found = std::ranges::find(kOnlineKindNames, name);
  if (found == kOnlineKindNames.end()) return std::nullopt;
  return static_cast<OnlineKind>(found - kOnlineKindNames.begin());
}

struct OnlineReader::State {
  State(OnlineKind kind, OnlineFormat kind_of_file, std::string name, OnlineRules row_rules,
        OnlineSink row_sink)
      : form(kind),
        format(kind_of_file),
        source(std::move(name)),
        rules(std::move(row_rules)),
        sink(std::move(row_sink)),
        texts(form.columns().size()) {}

  online::RowForm form;
  OnlineFormat format;
  std::string source;
  OnlineRules rules;
  OnlineSink sink;

  std::string buffer;       // from the row that is read now
  std::size_t at = 0;       // in `buffer`
  std::int64_t line = 1;    // of buffer[at]
  bool begun = false;       // past the byte order mark
  bool skipping = false;    // within a line that is too long, already rejected
  std::vector<int> header;  // CSV: the column of each field
  online::CsvRecord record;
  std::vector<std::string> texts;  // of one row, by column

  std::string_view rest() const { return std::string_view(buffer).substr(at); }
  Error refusal(const std::string& why) const {
    return fail(ErrorCode::invalid,
                "cannot read " + source + ": " + why + "; nothing of it is stored");
  }

  Status advance(bool whole);
  Result<bool> begin(bool whole);
  Result<bool> one_row(bool whole);
  Result<bool> one_csv_row(bool whole);
  Status take_header();
  Status take_json(std::string_view text);
  Status take_texts(std::string_view text);
  Status reject(RowCause cause, std::string_view column, std::string_view text) {
    return sink.rejected({line, cause, column, text});
  }
  // Ends the row that takes `size` bytes and `lines` lines.
  void move_on(std::size_t size, std::size_t lines) {
    at += size;
    line += static_cast<std::int64_t>(lines);
  }
  Result<bool> reject_line(RowCause cause, bool whole);
};

namespace {

std::string_view without_line_end(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// What may be shown of a name that came from outside, in one line.
std::string shown_name(std::string_view name) {
  std::string text;
  for (const char c : name.substr(0, 40)) text.push_back(c < ' ' || c > '~' ? '?' : c);
  return "'" + text + "'";
}

constexpr std::string_view kEncodingHelp =
    " (GB18030 or Latin-1?); convert it, for example with iconv -f GB18030 -t UTF-8";

}  // namespace

// The byte order mark, if there is one. false: too few bytes to tell.
Result<bool> OnlineReader::State::begin(bool whole) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  const std::string_view text = rest();
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
    return refusal("it is UTF-16; convert it, for example with iconv -f UTF-16 -t UTF-8");
  if (text.size() < kMark.size() && !whole) return false;
  if (text.starts_with(kMark)) at += kMark.size();
  begun = true;
  return true;
}

Status OnlineReader::State::take_header() {
  const std::string_view text = rest().substr(0, record.size);
  if (!online::is_utf8(text))
    return refusal("its first line is not UTF-8" + std::string(kEncodingHelp));
  if (text.find('\0') != std::string_view::npos)
    return refusal("its first line holds NUL bytes; UTF-16? convert it to UTF-8");
  std::vector<std::string> unknown, twice, missing;
  for (const std::string& field : record.fields) {
    const int column = form.find(field);
    if (column < 0) unknown.push_back(shown_name(field));
    if (column >= 0 && std::ranges::find(header, column) != header.end()) twice.push_back(field);
    header.push_back(column);
    if (unknown.size() > 20) break;
  }
  for (std::size_t i = 0; i < form.columns().size(); ++i) {
    if (form.columns()[i].required &&
        std::ranges::find(header, static_cast<int>(i)) == header.end())
      missing.emplace_back(form.columns()[i].name);
  }
  std::string why;
  const auto say = [&](const char* what, const std::vector<std::string>& names) {
    if (!names.empty()) why += (why.empty() ? "" : "; ") + std::string(what) + listed(names);
  };
  say("missing columns: ", missing);
  say("unknown columns: ", unknown);
  say("columns that stand twice: ", twice);
  if (!why.empty()) return refusal(why);
  move_on(record.size, record.lines);
  return ok();
}

// A line is given up as a whole, whatever its quotes say; the next one may be a good row.
Result<bool> OnlineReader::State::reject_line(RowCause cause, bool whole) {
  const std::string_view text = rest();
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos && !whole && text.size() <= kMostRowBytes) return false;
  const std::string_view first = text.substr(0, end);
  const bool long_line = first.size() > kMostRowBytes;
  if (auto told = reject(long_line ? RowCause::too_long : cause, "",
                         without_line_end(first.substr(0, kMostRowBytes)));
      !told)
    return std::move(told).error();
  if (end == std::string_view::npos) {
    skipping = !whole;
    move_on(text.size(), whole ? 1 : 0);
  } else {
    move_on(end + 1, 1);
  }
  return true;
}

Status OnlineReader::State::take_texts(std::string_view text) {
  auto made = form.row_of(texts, rules, source, line);
  if (const auto* fault = std::get_if<RowFault>(&made))
    return reject(fault->cause, fault->column, text);
  return sink.row({std::get<SqlRow>(std::move(made)), line, text});
}

Result<bool> OnlineReader::State::one_csv_row(bool whole) {
  const std::string_view text = rest();
  const CsvOutcome outcome = online::read_csv_record(text, whole, record);
  if (outcome == CsvOutcome::more && text.size() <= kMostRowBytes + 2) return false;
  const std::string_view raw = without_line_end(text.substr(0, record.size));
  const bool too_long = outcome == CsvOutcome::more || raw.size() > kMostRowBytes;
  if (header.empty()) {
    if (outcome == CsvOutcome::record && !too_long) {
      if (auto taken = take_header(); !taken) return std::move(taken).error();
      return true;
    }
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos && !whole && text.size() <= kMostRowBytes + 2) return false;
    return refusal(online::is_utf8(text.substr(0, std::min(end, kMostRowBytes)))
                       ? "its first line is no list of columns"
                       : "its first line is not UTF-8" + std::string(kEncodingHelp));
  }
  if (outcome == CsvOutcome::bad) return reject_line(RowCause::bad_quotes, whole);
  if (too_long) return reject_line(RowCause::bad_quotes, whole);  // its quote is never closed
  if (raw.empty()) {                                              // an empty line is nobody's row
    move_on(record.size, record.lines);
    return true;
  }
  // Fields that a stray quote took from the lines below are theirs: the first line alone is given
  // up.
  if (record.fields.size() != header.size()) return reject_line(RowCause::wrong_columns, whole);
  Status done = ok();
  if (!online::is_utf8(raw)) {
    done = reject(RowCause::not_utf8, "", raw);
  } else {
    for (std::string& one : texts) one.clear();
    for (std::size_t i = 0; i < header.size(); ++i)
      texts[static_cast<std::size_t>(header[i])].swap(record.fields[i]);
    done = take_texts(raw);
  }
  if (!done) return std::move(done).error();
  move_on(record.size, record.lines);
  return true;
}

Status OnlineReader::State::take_json(std::string_view text) {
  if (!online::is_utf8(text)) return reject(RowCause::not_utf8, "", text);
  auto members = online::read_json_line(text);
  if (!members) return reject(RowCause::bad_json, "", text);
  for (std::string& one : texts) one.clear();
  for (auto& [name, value] : *members) {
    const int column = form.find(name);
    if (column < 0) return reject(RowCause::unknown_column, "", text);
    texts[static_cast<std::size_t>(column)] = std::move(value);
  }
  return take_texts(text);
}

// Reads one row or line. false: the rest of it has not come yet.
Result<bool> OnlineReader::State::one_row(bool whole) {
  const std::string_view text = rest();
  if (skipping) {
    const std::size_t end = text.find('\n');
    skipping = end == std::string_view::npos && !whole;
    const bool over = end != std::string_view::npos || whole;
    move_on(end == std::string_view::npos ? text.size() : end + 1, over ? 1 : 0);
    return over;
  }
  if (format == OnlineFormat::csv) return one_csv_row(whole);
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos && !whole && text.size() <= kMostRowBytes + 1) return false;
  const std::string_view raw = without_line_end(text.substr(0, end));
  if (raw.size() > kMostRowBytes || (end == std::string_view::npos && !whole))
    return reject_line(RowCause::too_long, whole);
  if (!raw.empty()) {
    if (auto done = take_json(raw); !done) return std::move(done).error();
  }
  move_on(end == std::string_view::npos ? text.size() : end + 1, 1);
  return true;
}

Status OnlineReader::State::advance(bool whole) {
  if (!begun) {
    auto known = begin(whole);
    if (!known) return std::move(known).error();
    if (!*known) return ok();
  }
  while (at < buffer.size()) {
    auto done = one_row(whole);
    if (!done) return std::move(done).error();
    if (!*done) break;
  }
  buffer.erase(0, at);
  at = 0;
  return ok();
}

OnlineReader::OnlineReader(OnlineKind kind, OnlineFormat format, std::string source,
                           OnlineRules rules, OnlineSink sink)
    : state_(std::make_unique<State>(kind, format, std::move(source), std::move(rules),
                                     std::move(sink))) {}
OnlineReader::~OnlineReader() = default;
OnlineReader::OnlineReader(OnlineReader&&) noexcept = default;

Status OnlineReader::feed(std::string_view bytes) {
  // In pieces, so that whoever hands over everything at once needs no second copy of it.
  for (std::size_t from = 0; from < bytes.size(); from += kMostRowBytes) {
    state_->buffer.append(bytes.substr(from, kMostRowBytes));
    if (auto done = state_->advance(false); !done) return done;
  }
  return ok();
}

Status OnlineReader::finish() {
  if (auto done = state_->advance(true); !done) return done;
  if (state_->format == OnlineFormat::csv && state_->header.empty())
    return state_->refusal("it is empty; the first line names the columns");
  return ok();
}

}  // namespace vitrine
