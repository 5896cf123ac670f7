#include "billing/prices.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "billing/money.hpp"

namespace vitrine::billing {
namespace {

constexpr std::string_view kHeader = "campaign,per,price,currency,cutoff_days,goal,burl";
constexpr std::size_t kFields = 7;
constexpr std::int64_t kMostMicro = 100'000 * std::int64_t{1'000'000};
constexpr std::int64_t kMostDays = 3650;
constexpr std::int64_t kMostGoal = 1'000'000'000'000;

Error wrong(std::size_t line, std::string_view what, std::string_view found) {
  return fail(ErrorCode::invalid, "line " + std::to_string(line) + ": " + std::string(what) +
                                      " expected, found '" + std::string(found.substr(0, 80)) +
                                      "'");
}

std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  while (fields.size() + 1 < kFields) {
    const std::size_t comma = line.find(',');
    if (comma == std::string_view::npos) break;
    fields.push_back(line.substr(0, comma));
    line.remove_prefix(comma + 1);
  }
  fields.push_back(line);
  return fields;
}

bool read_number(std::string_view text, std::int64_t most, std::int64_t& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc() && end == text.data() + text.size() && into >= 0 && into <= most;
}

bool read_decimal(std::string_view text, std::int64_t& micro) {
  const std::size_t point = text.find('.');
  std::string places(point == std::string_view::npos ? "" : text.substr(point + 1));
  if (places.size() > 6 || (point != std::string_view::npos && places.empty())) return false;
  if (!std::all_of(places.begin(), places.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return false;
  places.resize(6, '0');
  std::int64_t whole = 0;
  std::int64_t rest = 0;
  if (!read_number(text.substr(0, point), kMostMicro / 1'000'000, whole)) return false;
  if (!read_number(places, 999'999, rest)) return false;
  micro = whole * 1'000'000 + rest;
  return micro <= kMostMicro;
}

bool is_currency(std::string_view text) {
  return text.size() == 3 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

std::string_view name_of(PriceUnit unit) {
  switch (unit) {
    case PriceUnit::mille:
      return "mille";
    case PriceUnit::mille_target:
      return "mille-target";
    case PriceUnit::play:
      return "play";
  }
  return "unknown";
}

Result<Prices> read_prices(std::string_view csv) {
  Prices prices;
  for (std::size_t number = 1; !csv.empty(); ++number) {
    const std::size_t end = csv.find('\n');
    std::string_view line = csv.substr(0, end);
    csv.remove_prefix(end == std::string_view::npos ? csv.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (number == 1) {
      if (line != kHeader) return wrong(1, kHeader, line);
      continue;
    }
    if (line.empty()) continue;
    const auto fields = fields_of(line);
    if (fields.size() != kFields) return wrong(number, "seven fields", line);
    std::int64_t campaign = 0;
    if (!read_number(fields[0], UINT32_MAX, campaign) || campaign == 0)
      return wrong(number, "a campaign", fields[0]);
    Price price;
    if (fields[1] == "mille-target") {
      price.unit = PriceUnit::mille_target;
    } else if (fields[1] == "play") {
      price.unit = PriceUnit::play;
    } else if (fields[1] != "mille") {
      return wrong(number, "mille, mille-target or play", fields[1]);
    }
    if (!read_decimal(fields[2], price.micro))
      return wrong(number, "a price of at most 100000 with at most six places", fields[2]);
    if (!is_currency(fields[3])) return wrong(number, "a currency as EUR", fields[3]);
    price.currency = fields[3];
    if (!read_number(fields[4], kMostDays, price.cutoff_days))
      return wrong(number, "days until the cut-off", fields[4]);
    if (!fields[5].empty() && !read_number(fields[5], kMostGoal, price.goal))
      return wrong(number, "a goal", fields[5]);
    price.burl = fields[6];
    if (!price.burl.empty() && !price.burl.starts_with("https://") &&
        !price.burl.starts_with("http://127.0.0.1") && !price.burl.starts_with("http://localhost"))
      return wrong(number, "an https address", fields[6]);
    if (!prices.emplace(static_cast<CampaignId>(campaign), price).second)
      return wrong(number, "each campaign once", fields[0]);
  }
  return prices;
}

Amount amount_of(const Price& price, std::int64_t imp_milli, std::int64_t target_imp_milli) {
  if (price.unit == PriceUnit::play) return {price.micro * kPicoInMicro, true};
  const std::int64_t count = price.unit == PriceUnit::mille ? imp_milli : target_imp_milli;
  if (count == kAbsent || count < 0) return {};
  // 10^-6 a thousand x thousandths of one = 10^-12 of one.
  const auto product = exact_product(price.micro, count);
  return product ? Amount{*product, true} : Amount{0, false};
}

}  // namespace vitrine::billing
