// What was agreed about money: prices.csv, kept by the operator beside the schedules it belongs to
// (docs/contracts.md, "Prices"). A price is no part of a signed document: screens need not know it.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/result.hpp"

namespace vitrine::billing {

enum class PriceUnit { mille, mille_target, play };
std::string_view name_of(PriceUnit unit);  // "mille", "mille-target", "play"

struct Price {
  PriceUnit unit = PriceUnit::mille;
  std::int64_t micro = 0;        // 10^-6 of the currency, for 1000 impressions or for one play
  std::string currency;          // ISO 4217
  std::int64_t cutoff_days = 7;  // after the play's day; what is received later is not paid
  std::int64_t goal = 0;         // in impressions or plays; 0 = none
  std::string burl;              // told of each play that is billable so far; empty = nobody
};
inline constexpr std::int64_t kDefaultCutoffDays = 7;

using Prices = std::map<CampaignId, Price>;

// First line `campaign,per,price,currency,cutoff_days,goal,burl`; burl, the last, may hold commas.
// The price is a decimal with at most six places, "2.50". The error names the line.
Result<Prices> read_prices(std::string_view csv);

// What one play costs in 10^-12 of the currency, exact: "2.50" a mille x 30.3 impressions is
// 0.07575. False when it does not fit; then 0.
struct Amount {
  std::int64_t pico = 0;
  bool fits = true;
};
Amount amount_of(const Price& price, std::int64_t imp_milli, std::int64_t target_imp_milli);

}  // namespace vitrine::billing
