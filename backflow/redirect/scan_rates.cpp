#include "backflow/scan_rates.hpp"

#include <spdlog/fmt/fmt.h>

#include <map>

#include "backflow/online_rows.hpp"
#include "base/math.hpp"
#include "protocol/play.hpp"

namespace vitrine {

std::optional<std::int64_t> ScanRate::per_mille_milli() const {
  if (plays == 0) return std::nullopt;
  return mul_div(tied, 1'000'000, plays);
}

Result<std::vector<ScanRate>> scan_rates(SqlStore& store, std::int64_t first_day,
                                         std::int64_t last_day) {
  if (auto made = create_online_tables(store); !made) return std::move(made).error();
  const std::string days =
      "day >= " + std::to_string(first_day) + " AND day <= " + std::to_string(last_day);
  std::map<std::pair<std::string, std::int64_t>, ScanRate> rates;
  auto read = store.query("SELECT landing, campaign, state, count(*) FROM scan WHERE " + days +
                              " GROUP BY landing, campaign, state",
                          [&](const SqlRow& row) {
                            ScanRate& rate = rates[{sql_text(row[0]), sql_integer(row[1])}];
                            rate.landing = sql_text(row[0]);
                            rate.campaign = sql_integer(row[1]);
                            rate.scans += sql_integer(row[3]);
                            if (sql_text(row[2]) == "tied") rate.tied += sql_integer(row[3]);
                            return ok();
                          });
  if (!read) return std::move(read).error();
  read = store.query("SELECT campaign, count(*) FROM billed_play WHERE " + days +
                         " AND play_ms IS NOT NULL AND kind = " +
                         std::to_string(static_cast<int>(PlayKind::play)) + " GROUP BY campaign",
                     [&](const SqlRow& row) {
                       for (auto& [key, rate] : rates)
                         if (rate.campaign == sql_integer(row[0])) rate.plays = sql_integer(row[1]);
                       return ok();
                     });
  if (!read)
    return std::move(read).error().context("cannot read the plays (vitrine bill writes them)");
  std::vector<ScanRate> listed;
  for (auto& [key, rate] : rates) listed.push_back(std::move(rate));
  return listed;
}

std::string scan_rates_text(const std::vector<ScanRate>& rates) {
  std::string text = fmt::format("{:<9}{:>10}{:>9}{:>9}{:>10}{:>17}\n", "landing", "campaign",
                                 "scans", "tied", "plays", "tied/1000 plays");
  for (const ScanRate& rate : rates) {
    const auto milli = rate.per_mille_milli();
    text += fmt::format("{:<9}{:>10}{:>9}{:>9}{:>10}{:>17}\n", rate.landing, rate.campaign,
                        rate.scans, rate.tied, rate.plays,
                        milli ? fmt::format("{}.{:03}", *milli / 1000, *milli % 1000) : "-");
  }
  return text;
}

}  // namespace vitrine
