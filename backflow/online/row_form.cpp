#include "online/row_form.hpp"

#include <algorithm>
#include <charconv>

#include "backflow/online_rows.hpp"
#include "base/math.hpp"
#include "base/time.hpp"
#include "platform/crypto.hpp"

namespace vitrine::online {
namespace {

constexpr std::size_t kMostText = 256;
constexpr std::int64_t kMostId = 0xffff'ffff;

constexpr std::array<std::string_view, 17> kEventTypes = {
    "impression", "click",  "visit",         "search",         "follow",          "cart",
    "service",    "scan",   "coupon_issued", "coupon_claimed", "coupon_redeemed", "order",
    "ship",       "return", "review",        "recommend",      "member_join"};
constexpr std::array<std::string_view, 4> kCostKinds = {"media", "commission", "production",
                                                        "coupon"};
constexpr std::array<std::string_view, 3> kRanks = {"head", "median", "brand"};

using Form = ColumnForm;

constexpr FileColumn kEventColumns[] = {
    {"event_id", "event_id", Form::text, true},
    {"time_utc", "time_us", Form::time, true},
    {"type", "type", Form::word, true, kEventTypes},
    {"id_type", "id_type", Form::text},
    {"id_hash", "id_hash", Form::hash},
    {"brand", "brand", Form::text},
    {"category", "category", Form::text},
    {"sku", "sku", Form::text},
    {"channel", "channel", Form::text},
    {"agent", "agent", Form::text},
    {"area", "area", Form::integer, false, {}, 1, kMostId},
    {"group", "grp", Form::integer, false, {}, 0, 9},
    {"scan_id", "scan_id", Form::text},
    {"coupon_id", "coupon_id", Form::text},
    {"order_id", "order_id", Form::text},
    {"qty", "qty", Form::integer, false, {}, -1'000'000'000, 1'000'000'000},
    {"gross", "gross_micro", Form::money},
    {"net", "net_micro", Form::money},
    {"margin_a", "margin_a_micro", Form::money},
    {"margin_b", "margin_b_micro", Form::money},
    {"margin_c", "margin_c_micro", Form::money},
    {"rating", "rating_milli", Form::rating},
    {"currency", "currency", Form::currency},
};
constexpr FileColumn kCostColumns[] = {
    {"date", "day", Form::date, true},
    {"brand", "brand", Form::text},
    {"campaign", "campaign", Form::integer, false, {}, 1, kMostId},
    {"channel", "channel", Form::text},
    {"agent", "agent", Form::text},
    {"creative_family", "creative_family", Form::text},
    {"area", "area", Form::integer, false, {}, 1, kMostId},
    {"kind", "kind", Form::word, true, kCostKinds},
    {"amount", "amount_micro", Form::money, true},
    {"currency", "currency", Form::currency, true},
};
constexpr FileColumn kBenchmarkColumns[] = {
    {"category", "category", Form::text, true},
    {"group", "grp", Form::integer, true, {}, 0, 9},
    {"rank", "rank", Form::word, true, kRanks},
    {"penetration", "penetration_ppm", Form::share, true},
    {"period", "period", Form::period, true},
};
constexpr FileColumn kLinkColumns[] = {
    {"id_type_a", "id_type_a", Form::text, true}, {"id_a", "id_a", Form::hash, true},
    {"id_type_b", "id_type_b", Form::text, true}, {"id_b", "id_b", Form::hash, true},
    {"time", "time_us", Form::time, true},        {"source", "origin", Form::text, true},
};

std::span<const FileColumn> columns_of(OnlineKind kind) {
  switch (kind) {
    case OnlineKind::events:
      return kEventColumns;
    case OnlineKind::cost:
      return kCostColumns;
    case OnlineKind::benchmark:
      return kBenchmarkColumns;
    case OnlineKind::links:
      return kLinkColumns;
  }
  return {};
}

using Parsed = std::variant<SqlValue, RowCause>;

Parsed some(std::optional<std::int64_t> value, RowCause otherwise) {
  if (!value) return otherwise;
  return SqlValue(*value);
}

Parsed parse_integer(const FileColumn& column, const std::string& text) {
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || value < column.least ||
      value > column.most)
    return RowCause::bad_number;
  return SqlValue(value);
}

std::optional<std::int64_t> parse_day(const std::string& value) {
  const auto at_midnight = parse_utc_us(value + "T00:00:00");
  if (!at_midnight) return std::nullopt;
  return floor_div(*at_midnight, kDay);
}

bool is_period(const std::string& value) {
  if (value.size() == 10) return parse_day(value).has_value();
  if (value.size() == 7 && value[5] == 'Q')
    return parse_day(value.substr(0, 5) + "01-01") && value[6] >= '1' && value[6] <= '4';
  if (value.size() == 7) return parse_day(value + "-01").has_value();
  return value.size() == 4 && parse_day(value + "-01-01");
}

std::optional<std::int64_t> within(std::optional<std::int64_t> value, std::int64_t least,
                                   std::int64_t most) {
  return value && *value >= least && *value <= most ? value : std::nullopt;
}

Parsed parse_value(const FileColumn& column, const std::string& value) {
  switch (column.form) {
    case Form::text:
      if (value.size() > kMostText) return RowCause::text_too_long;
      return SqlValue(value);
    case Form::time:
      return some(parse_utc_us(value), RowCause::bad_time);
    case Form::date:
      return some(parse_day(value), RowCause::bad_time);
    case Form::word:
      if (std::ranges::find(column.words, value) == column.words.end()) return RowCause::bad_word;
      return SqlValue(value);
    case Form::hash:
      if (auto plain = parse_id_hash(value)) return SqlValue(*std::move(plain));
      return RowCause::id_not_hashed;
    case Form::integer:
      return parse_integer(column, value);
    case Form::money:
      return some(parse_decimal(value, 6), RowCause::bad_money);
    case Form::share:
      return some(within(parse_decimal(value, 6), 0, 1'000'000), RowCause::bad_number);
    case Form::rating:
      return some(within(parse_decimal(value, 3), 0, 100'000), RowCause::bad_number);
    case Form::currency:
      if (value.size() != 3 ||
          !std::ranges::all_of(value, [](char c) { return c >= 'A' && c <= 'Z'; }))
        return RowCause::bad_currency;
      return SqlValue(value);
    case Form::period:
      if (!is_period(value)) return RowCause::bad_word;
      return SqlValue(value);
  }
  return RowCause::bad_word;
}

bool absent(const SqlValue& value) {
  return std::holds_alternative<std::monostate>(value);
}

}  // namespace

RowForm::RowForm(OnlineKind kind)
    : kind_(kind),
      columns_(columns_of(kind)),
      time_(place_of("time_us")),
      day_(place_of("day")),
      id_type_(place_of("id_type")),
      id_hash_(place_of("id_hash")),
      currency_(place_of("currency")),
      source_(place_of("source")),
      line_(place_of("line")) {
  for (const FileColumn& column : columns_) places_.push_back(place_of(column.stored));
}

std::size_t RowForm::place_of(std::string_view stored) const {
  const auto& columns = online_table(kind_).columns;
  const auto found = std::ranges::find(columns, stored, &SqlColumn::name);
  return static_cast<std::size_t>(found - columns.begin());
}

int RowForm::find(std::string_view name) const {
  const auto found = std::ranges::find(columns_, name, &FileColumn::name);
  return found == columns_.end() ? -1 : static_cast<int>(found - columns_.begin());
}

std::variant<SqlRow, RowFault> RowForm::row_of(std::span<const std::string> texts,
                                               const OnlineRules& rules, const std::string& source,
                                               std::int64_t line) const {
  SqlRow row(online_table(kind_).columns.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const FileColumn& column = columns_[i];
    const std::string& value = texts[i];
    if (value.empty()) {
      if (column.required) return RowFault{RowCause::missing_value, column.name};
      continue;
    }
    if (value.find('\0') != std::string::npos)
      return RowFault{RowCause::control_character, column.name};
    auto parsed = parse_value(column, value);
    if (const auto* cause = std::get_if<RowCause>(&parsed)) return RowFault{*cause, column.name};
    row[places_[i]] = std::get<SqlValue>(std::move(parsed));
    if (column.form == Form::time || column.form == Form::date) {
      const std::int64_t unit = column.form == Form::time ? 1 : kDay;
      const std::int64_t at = std::get<std::int64_t>(row[places_[i]]) * unit;
      if (at > rules.now_us + kDay) return RowFault{RowCause::future_time, column.name};
      if (column.form == Form::time && rules.keep_days > 0 &&
          at < rules.now_us - rules.keep_days * kDay)
        return RowFault{RowCause::expired, column.name};
    }
  }
  if (kind_ == OnlineKind::events) {
    if (absent(row[id_type_]) != absent(row[id_hash_])) {
      return RowFault{RowCause::missing_value, absent(row[id_type_]) ? "id_type" : "id_hash"};
    }
    bool sums = false;
    for (std::size_t i = 0; i < columns_.size(); ++i)
      sums |= columns_[i].form == Form::money && !absent(row[places_[i]]);
    if (sums && absent(row[currency_])) return RowFault{RowCause::missing_value, "currency"};
  }
  derive(row, rules);
  row[source_] = source;
  row[line_] = line;
  return row;
}

// What the file does not say: the local day, and a key where it has none of its own.
void RowForm::derive(SqlRow& row, const OnlineRules& rules) const {
  if (kind_ == OnlineKind::events || kind_ == OnlineKind::links) {
    const std::int64_t at = std::get<std::int64_t>(row[time_]);
    row[day_] = local_time(rules.zone, floor_div(at, kSecond)).day;
    if (kind_ == OnlineKind::events) return;
  }
  // The key is what the row is about; a cost's amount and a benchmark's share are what it says.
  std::string about;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].form == Form::money || columns_[i].form == Form::share) continue;
    const SqlValue& value = row[places_[i]];
    if (const auto* number = std::get_if<std::int64_t>(&value)) about += std::to_string(*number);
    if (const auto* words = std::get_if<std::string>(&value)) about += *words;
    about += absent(value) ? '\1' : '\0';
  }
  row[0] = to_hex(sha256(as_bytes(about))).substr(0, 32);
}

}  // namespace vitrine::online
