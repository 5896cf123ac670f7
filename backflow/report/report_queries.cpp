#include "backflow/report_queries.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

namespace vitrine {
namespace {

constexpr auto kEver = std::numeric_limits<std::int64_t>::max();

std::string days_sql(const ReportScope& scope) {
  std::string sql;
  if (scope.first_day != kAbsent) sql += " AND day >= " + std::to_string(scope.first_day);
  if (scope.last_day != kAbsent) sql += " AND day <= " + std::to_string(scope.last_day);
  return sql;
}

// " WHERE ..." on billed_play, always with a condition to hang others on.
std::string plays_where(const ReportScope& scope) {
  std::string sql = " WHERE seq >= 0";
  if (scope.campaign != 0)
    sql = " WHERE campaign = " + std::to_string(scope.campaign);
  else if (!scope.screen.empty())
    sql = " WHERE device = " + sql_quoted(scope.screen);
  if (scope.campaign != 0 && !scope.screen.empty())
    sql += " AND device = " + sql_quoted(scope.screen);
  return sql + days_sql(scope);
}

std::int64_t maybe(const SqlValue& value) {
  const auto* integer = std::get_if<std::int64_t>(&value);
  return integer ? *integer : kAbsent;
}

// What has no table never came from the online side: there is nothing of it.
Status query_online(SqlStore& store, const std::string& sql,
                    const std::function<Status(const SqlRow&)>& row) {
  auto read = store.query(sql, row);
  if (!read && read.error().code == ErrorCode::not_found) return ok();
  return read;
}

// The four sums of contacts, from `column` on.
Contacts contacts_at(const SqlRow& row, std::size_t column) {
  return {sql_integer(row[column]), sql_integer(row[column + 1]), sql_integer(row[column + 2]),
          sql_integer(row[column + 3])};
}
constexpr auto kContactsSql = "count(*), sum(play_ms), sum(imp_milli), sum(target_imp_milli)";

// Ghosts and misses were on no glass.
const std::string& shown_sql() {
  static const std::string sql = " AND kind <> " +
                                 std::to_string(static_cast<int>(PlayKind::ghost)) +
                                 " AND kind <> " + std::to_string(static_cast<int>(PlayKind::miss));
  return sql;
}

}  // namespace

std::string exposure_sql(const ReportScope& scope, ExposureGrain grain) {
  // A minute is cut from the time in C++: the engines do not divide alike.
  const std::string keys = std::string("campaign, area, day, hour, creative, cause, observed") +
                           (grain == ExposureGrain::minute ? ", utc_us" : "");
  return "SELECT " + keys + ", " + kContactsSql + ", max(restated) FROM billed_play" +
         plays_where(scope) + shown_sql() + " GROUP BY " + keys;
}

Status read_exposure(SqlStore& store, const ReportScope& scope, ExposureGrain grain,
                     const std::function<void(const ExposureSum&)>& take) {
  const std::size_t sums = grain == ExposureGrain::minute ? 8 : 7;
  return store.query(exposure_sql(scope, grain), [&](const SqlRow& row) {
    ExposureSum sum;
    sum.day = sql_integer(row[2]);
    sum.hour = maybe(row[3]);
    sum.key.campaign = sql_integer(row[0]);
    sum.key.area = sql_integer(row[1]);
    sum.key.creative = sql_integer(row[4]);
    sum.key.paid = sql_integer(row[5]) == 0;
    if (grain == ExposureGrain::hour) sum.key.hour = sum.hour;
    if (grain == ExposureGrain::day) sum.key.day = sum.day;
    if (grain == ExposureGrain::minute && maybe(row[7]) != kAbsent)
      sum.key.minute = floor_div(sql_integer(row[7]), kMinute);
    sum.observed = maybe(row[6]);
    sum.contacts = contacts_at(row, sums);
    sum.restated = sql_integer(row[sums + 4]) != 0;
    take(sum);
    return ok();
  });
}

std::string play_report_sql(const ReportScope& scope) {
  const std::string keys =
      "day, hour, area, campaign, creative, flight_phase, kind, cause, grade, observed, quality, "
      "restated, currency";
  return "SELECT " + keys + ", " + kContactsSql + ", sum(amount_pico) FROM billed_play" +
         plays_where(scope) + " GROUP BY " + keys;
}

Result<PlayReport> read_play_report(SqlStore& store, const ReportScope& scope) {
  PlayReportMaker maker;
  auto read = store.query(play_report_sql(scope), [&](const SqlRow& row) {
    PlaySum sum;
    sum.day = sql_integer(row[0]);
    sum.hour = maybe(row[1]);
    sum.area = sql_integer(row[2]);
    sum.campaign = sql_integer(row[3]);
    sum.creative = sql_integer(row[4]);
    sum.phase = sql_integer(row[5]);
    sum.kind = sql_integer(row[6]);
    sum.cause = sql_integer(row[7]);
    sum.grade = sql_integer(row[8]);
    sum.observed = maybe(row[9]);
    sum.quality = maybe(row[10]);
    sum.restated = sql_integer(row[11]) != 0;
    sum.currency = sql_text(row[12]);
    sum.contacts = contacts_at(row, 13);
    sum.amount_pico = sql_integer(row[17]);
    maker.add(sum);
    return ok();
  });
  if (!read) return std::move(read).error();
  return maker.finish();
}

Result<std::vector<AreaDayPlays>> read_area_day_plays(SqlStore& store, const ReportScope& scope) {
  std::map<AreaDayKey, AreaDayPlays> rows;
  auto read = store.query(
      "SELECT campaign, area, day, arm, observed, count(*), sum(imp_milli), max(restated)"
      " FROM billed_play" +
          plays_where(scope) + " AND cause = 0 GROUP BY campaign, area, day, arm, observed",
      [&](const SqlRow& row) {
        const AreaDayKey key{sql_integer(row[0]), sql_integer(row[1]), sql_integer(row[2]),
                             sql_integer(row[3])};
        AreaDayPlays& sums = rows[key];
        sums.key = key;
        const std::int64_t plays = sql_integer(row[5]);
        sums.plays += plays;
        if (maybe(row[4]) == 1) {
          sums.observed_plays += plays;
          sums.observed_imp_milli += sql_integer(row[6]);
        } else if (maybe(row[4]) == 0) {
          sums.modelled_plays += plays;
          sums.modelled_imp_milli += sql_integer(row[6]);
        }
        sums.restated = sums.restated || sql_integer(row[7]) != 0;
        return ok();
      });
  if (!read) return std::move(read).error();
  std::vector<AreaDayPlays> plays;
  for (const auto& [key, sums] : rows) plays.push_back(sums);
  return plays;
}

Result<std::vector<AreaDayEvents>> read_area_day_events(SqlStore& store, const ReportScope& scope,
                                                        const std::string& brand) {
  std::map<std::tuple<AreaDayKey, std::string, std::string>, AreaDayEvents> rows;
  // An absent area and area 0 are both "not known": two groups of the engine, one row of ours.
  // Each of them has whoever is in it, so the larger is the least there can be.
  auto read = query_online(
      store,
      "SELECT area, day, type, currency, count(*), count(DISTINCT id_hash),"
      " count(*) - count(id_hash), sum(qty), sum(gross_micro), sum(net_micro) FROM online_event"
      " WHERE day >= " +
          std::to_string(scope.first_day == kAbsent ? 0 : scope.first_day) +
          " AND day <= " + std::to_string(scope.last_day == kAbsent ? kEver : scope.last_day) +
          (brand.empty() ? "" : " AND brand = " + sql_quoted(brand)) +
          " GROUP BY area, day, type, currency",
      [&](const SqlRow& row) {
        const AreaDayKey key{0, sql_integer(row[0]), sql_integer(row[1]), 0};
        AreaDayEvents& cell = rows[{key, sql_text(row[2]), sql_text(row[3])}];
        cell.key = key;
        cell.type = sql_text(row[2]);
        cell.currency = sql_text(row[3]);
        cell.events += sql_integer(row[4]);
        const std::int64_t nameless = sql_integer(row[6]) > 0 ? 1 : 0;
        cell.persons = std::max(cell.persons, sql_integer(row[5]) + nameless);
        cell.qty += sql_integer(row[7]);
        cell.gross_micro += sql_integer(row[8]);
        cell.net_micro += sql_integer(row[9]);
        return ok();
      });
  if (!read) return std::move(read).error();
  std::vector<AreaDayEvents> events;
  for (auto& [at, cell] : rows) events.push_back(std::move(cell));
  return events;
}

namespace {

// Scans and, where they are tied, the hours of their plays. `scans`: " FROM scan WHERE ...".
std::string scans_sql(const std::string& columns, const std::string& scans) {
  return "SELECT " + columns + " FROM (SELECT " + column_names(scan_table()) + scans +
         ") AS s LEFT JOIN (SELECT device, log_id, seq, hour FROM billed_play WHERE (device, "
         "log_id, seq) IN (SELECT device, log_id, seq" +
         scans +
         " AND state = 'tied')) AS p ON s.device = p.device AND s.log_id = p.log_id AND s.seq = "
         "p.seq";
}

Status read_counts(SqlStore& store, const ReportScope& scope, std::vector<ScanCount>& counts) {
  std::string scans = " FROM scan WHERE day >= 0" + days_sql(scope);
  if (scope.campaign != 0) scans += " AND campaign = " + std::to_string(scope.campaign);
  if (!scope.screen.empty()) scans += " AND device = " + sql_quoted(scope.screen);
  const std::string keys = "s.creative, s.area, p.hour, s.landing, s.state, s.cause";
  return query_online(
      store, scans_sql(keys + ", count(*)", scans) + " GROUP BY " + keys, [&](const SqlRow& row) {
        counts.push_back({sql_integer(row[0]), maybe(row[1]), maybe(row[2]), sql_text(row[3]),
                          sql_text(row[4]), sql_text(row[5]), sql_integer(row[6])});
        return ok();
      });
}

Status read_named_scans(SqlStore& store, const ReportScope& scope, std::vector<ChainScan>& named) {
  std::string columns;
  for (const SqlColumn& column : scan_table().columns) columns += "s." + column.name + ", ";
  return query_online(
      store,
      scans_sql(columns + "p.hour", " FROM scan WHERE day >= 0" + days_sql(scope) +
                                        " AND scan_id IN (SELECT scan_id FROM online_event WHERE "
                                        "scan_id IS NOT NULL) AND state = 'tied'"),
      [&](const SqlRow& row) {
        named.push_back({from_sql_row<Scan>(row), maybe(row.back())});
        return ok();
      });
}

}  // namespace

Result<ChainInput> read_chain_input(SqlStore& store, const ReportScope& scope) {
  ChainInput input;
  if (auto read = read_counts(store, scope, input.counts); !read) return std::move(read).error();
  if (auto read = read_named_scans(store, scope, input.scans); !read)
    return std::move(read).error();
  if (input.counts.empty() && input.scans.empty()) return input;
  auto read = query_online(
      store,
      "SELECT " + column_names(online_event_table()) +
          " FROM online_event WHERE scan_id IS NOT NULL OR coupon_id IS NOT NULL OR order_id IN "
          "(SELECT order_id FROM online_event WHERE order_id IS NOT NULL AND (scan_id IS NOT NULL "
          "OR coupon_id IS NOT NULL))",
      [&](const SqlRow& row) {
        input.events.push_back(from_sql_row<OnlineEvent>(row));
        return ok();
      });
  if (!read) return std::move(read).error();
  return input;
}

Result<std::vector<CampaignId>> campaigns_in(SqlStore& store) {
  std::vector<CampaignId> campaigns;
  auto read =
      store.query("SELECT DISTINCT campaign FROM billed_play WHERE campaign <> 0 ORDER BY campaign",
                  [&](const SqlRow& row) {
                    campaigns.push_back(static_cast<CampaignId>(sql_integer(row[0])));
                    return ok();
                  });
  if (!read) return std::move(read).error();
  return campaigns;
}

}  // namespace vitrine
