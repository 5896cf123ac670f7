#include "report/flow_export.hpp"

#include <map>

#include "backflow/csv_lines.hpp"
#include "billing/wall_time.hpp"

namespace vitrine::report {
namespace {

using Boot = std::tuple<std::string, std::int64_t, std::int64_t>;  // device, boot id

constexpr const char* kFlowColumns[] = {"flow_in",    "flow_out",    "person_ms",   "dwell_0_5",
                                        "dwell_5_15", "dwell_15_30", "dwell_30_60", "dwell_60"};
constexpr std::size_t kFigures = std::size(kFlowColumns);

Result<std::map<Boot, billing::WallClock>> read_clocks(SqlStore& store, const std::string& where) {
  std::map<Boot, std::vector<TimeFix>> fixes;
  auto read =
      store.query("SELECT device, boot_high, boot_low, at_us, utc_us, error_us, source FROM event" +
                      where + " AND kind = 'fix'",
                  [&](const SqlRow& row) {
                    TimeFix fix;
                    fix.boot = {sql_integer(row[1]), sql_integer(row[2])};
                    fix.boottime_us = sql_integer(row[3]);
                    fix.utc_us = sql_integer(row[4]);
                    fix.error_us = sql_integer(row[5]);
                    fix.source = static_cast<TimeSource>(sql_integer(row[6]));
                    fixes[{sql_text(row[0]), fix.boot.high, fix.boot.low}].push_back(fix);
                    return ok();
                  });
  if (!read) return std::move(read).error();
  std::map<Boot, billing::WallClock> clocks;
  for (auto& [boot, of_boot] : fixes) clocks.emplace(boot, billing::WallClock(std::move(of_boot)));
  return clocks;
}

}  // namespace

Status export_flow(SqlStore& store, const ReportScope& scope, ExportFile& file) {
  CsvLine line;
  for (const char* name : {"screen", "minute_utc", "error_s"}) line.text(name);
  for (const char* name : kFlowColumns) line.text(name);
  for (const char* name : {"coverage_permille", "quality", "method"}) line.text(name);
  if (auto put = file.head(line.take()); !put) return put;
  const std::string where = scope.screen.empty() ? std::string(" WHERE seq >= 0")
                                                 : " WHERE device = " + sql_quoted(scope.screen);
  auto clocks = read_clocks(store, where);
  if (!clocks) return std::move(clocks).error();
  std::string columns;
  for (const char* name : kFlowColumns) columns += std::string(name) + ", ";
  return store.query(
      "SELECT device, boot_high, boot_low, minute_start_us, " + columns +
          "coverage_permille, quality, method FROM flow" + where + " ORDER BY device, log_id, seq",
      [&](const SqlRow& row) -> Status {
        const auto clock =
            clocks->find({sql_text(row[0]), sql_integer(row[1]), sql_integer(row[2])});
        WallTime wall;
        if (clock != clocks->end()) wall = clock->second.at(sql_integer(row[3]));
        const bool known = wall.quality != TimeQuality::none;
        const std::int64_t day = floor_div(wall.utc_us, kDay);
        const bool bounded = scope.first_day != kAbsent || scope.last_day != kAbsent;
        if (bounded && !known) return ok();
        if (scope.first_day != kAbsent && day < scope.first_day) return ok();
        if (scope.last_day != kAbsent && day > scope.last_day) return ok();
        line.text(sql_text(row[0]));
        line.text(known ? format_utc(floor_div(wall.utc_us, kSecond)) : "");
        line.integer(known ? (wall.error_us + kSecond - 1) / kSecond : kAbsent);
        for (std::size_t i = 4; i < 4 + kFigures + 3; ++i) {
          const auto* value = std::get_if<std::int64_t>(&row[i]);
          line.integer(value ? *value : kAbsent);
        }
        return file.row(line.take());
      });
}

}  // namespace vitrine::report
