#include "backflow/report.hpp"

#include <functional>

#include "base/math.hpp"
#include "platform/sqlite.hpp"
#include "protocol/batch.hpp"

namespace vitrine {
namespace {

Status for_each_row(Database& store, const std::string& sql,
                    const std::function<void(const Statement&)>& take) {
  auto query = store.prepare(sql);
  if (!query) return std::move(query).error();
  for (;;) {
    auto row = query->step();
    if (!row) return std::move(row).error();
    if (!*row) return ok();
    take(*query);
  }
}

std::int64_t known(std::int64_t value) {
  return value == kAbsent ? 0 : value;
}

Status read_creatives(Database& store, StoreReport& report) {
  return for_each_row(
      store,
      "SELECT creative, kind, count(*), sum(cut_cause <> 0), sum(last_flip_us - first_flip_us) / "
      "1000"
      " FROM play GROUP BY creative, kind ORDER BY creative, kind",
      [&](const Statement& row) {
        report.creatives.push_back({static_cast<CreativeId>(row.integer(0)),
                                    static_cast<PlayKind>(row.integer(1)), row.integer(2),
                                    row.integer(3), known(row.integer(4))});
      });
}

Status read_totals(Database& store, StoreReport& report) {
  return for_each_row(store,
                      "SELECT (SELECT count(*) FROM play), (SELECT count(*) FROM play WHERE "
                      "first_flip_us IS NOT NULL),"
                      " (SELECT count(*) FROM play WHERE cut_cause <> 0),"
                      " (SELECT count(*) FROM play_audience WHERE first_flip_us IS NOT NULL AND "
                      "exposure_seq IS NOT NULL),"
                      " (SELECT count(*) FROM conflict), (SELECT count(*) FROM unreadable)",
                      [&](const Statement& row) {
                        report.plays = row.integer(0);
                        report.shown = row.integer(1);
                        report.cut = row.integer(2);
                        report.exposure_joined = row.integer(3);
                        report.conflicts = row.integer(4);
                        report.unreadable = row.integer(5);
                      });
}

Status read_audience(Database& store, StoreReport& report) {
  return for_each_row(store,
                      "SELECT quality, count(*), sum(last_flip_us - first_flip_us) / 1000, "
                      "sum(person_ms), sum(crossings),"
                      " sum(coverage_permille) / count(*) FROM play_audience"
                      " WHERE exposure_seq IS NOT NULL AND first_flip_us IS NOT NULL GROUP BY "
                      "quality ORDER BY quality",
                      [&](const Statement& row) {
                        AudienceByQuality audience{static_cast<Quality>(row.integer(0)),
                                                   row.integer(1),
                                                   known(row.integer(2)),
                                                   known(row.integer(3)),
                                                   known(row.integer(4)),
                                                   0,
                                                   known(row.integer(5))};
                        if (audience.play_ms > 0)
                          audience.avg_milli =
                              mul_div_round(1000, audience.person_ms, audience.play_ms);
                        report.audience.push_back(audience);
                      });
}

Status read_streams(Database& store, StoreReport& report) {
  return for_each_row(store,
                      "SELECT stream, count(*), sum(last - first + 1), sum(bytes) FROM batch"
                      " GROUP BY stream ORDER BY stream",
                      [&](const Statement& row) {
                        const auto stream = static_cast<Stream>(row.integer(0));
                        report.streams.push_back({std::string(name_of(stream)), row.integer(1),
                                                  row.integer(2), row.integer(3)});
                        if (stream == Stream::play && row.integer(2) > 0) {
                          report.bytes_a_play_milli =
                              mul_div_round(1000, row.integer(3), row.integer(2));
                        }
                      });
}

}  // namespace

Result<StoreReport> read_report(const std::string& store) {
  constexpr std::string_view kPrefix = "sqlite:";
  if (store.starts_with("clickhouse:"))
    return fail(ErrorCode::invalid, "this report reads a SQLite store; ClickHouse answers SQL itself");
  auto database =
      Database::open_reader(store.starts_with(kPrefix) ? store.substr(kPrefix.size()) : store);
  if (!database) return std::move(database).error();
  StoreReport report;
  for (const auto& read : {read_creatives, read_totals, read_audience, read_streams}) {
    if (auto done = read(*database, report); !done) return std::move(done).error();
  }
  return report;
}

}  // namespace vitrine
