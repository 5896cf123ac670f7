#include "backflow/report.hpp"

#include <map>
#include <tuple>

#include "backflow/sql_store.hpp"
#include "base/math.hpp"
#include "protocol/batch.hpp"

namespace vitrine {
namespace {

Status read_totals(SqlStore& store, StoreReport& report) {
  for (const auto& [figure, question] :
       {std::pair(&report.plays, "SELECT count(*) FROM play"),
        std::pair(&report.shown, "SELECT count(first_flip_us) FROM play"),
        std::pair(&report.conflicts, "SELECT count(*) FROM conflict"),
        std::pair(&report.unreadable, "SELECT count(*) FROM unreadable")}) {
    auto counted = sql_scalar(store, question);
    if (!counted) return std::move(counted).error();
    *figure = sql_integer(*counted);
  }
  return ok();
}

Status read_creatives(SqlStore& store, StoreReport& report) {
  return store.query(
      "SELECT creative, kind, count(*), sum(cut_cause <> 0), sum(last_flip_us - first_flip_us)"
      " FROM play GROUP BY creative, kind ORDER BY creative, kind",
      [&](const SqlRow& row) {
        report.creatives.push_back({static_cast<CreativeId>(sql_integer(row[0])),
                                    static_cast<PlayKind>(sql_integer(row[1])), sql_integer(row[2]),
                                    sql_integer(row[3]), sql_integer(row[4]) / kMillisecond});
        report.cut += sql_integer(row[3]);
        return ok();
      });
}

// What was measured of shown plays, of one quality; `coverage` is the sum of the rows'.
struct Measured {
  std::int64_t plays = 0, play_us = 0, person_ms = 0, crossings = 0, coverage = 0;
};

// `which`: a condition on exposure. No column of the two sides has the other's name, which old
// servers would mix up.
std::string measured_sql(const std::string& figures, const std::string& which,
                         const std::string& rest) {
  return "SELECT " + figures +
         " FROM (SELECT device, log_id, seq, last_flip_us - first_flip_us AS play_us FROM play"
         " WHERE first_flip_us IS NOT NULL) AS p JOIN (SELECT device AS screen, play_log_id,"
         " play_seq, log_id AS its_log, seq AS its_seq, quality, person_ms, crossings,"
         " coverage_permille FROM exposure" +
         which +
         ") AS e ON p.device = e.screen AND p.log_id = e.play_log_id AND p.seq = e.play_seq " +
         rest;
}

// An audience log that was made again may measure a play twice. Such plays are few: their worse
// rows are taken off what all rows add up to.
Status take_off_doubles(SqlStore& store, std::map<std::int64_t, Measured>& all) {
  std::tuple<std::string, std::int64_t, std::int64_t> last;
  return store.query(
      measured_sql("p.device, p.log_id, p.seq, e.quality, p.play_us, e.person_ms, e.crossings,"
                   " e.coverage_permille, e.its_log, e.its_seq",
                   " WHERE (device, play_log_id, play_seq) IN (SELECT device, play_log_id, play_seq"
                   " FROM exposure GROUP BY device, play_log_id, play_seq HAVING count(*) > 1)",
                   "ORDER BY p.device, p.log_id, p.seq, e.coverage_permille DESC, e.its_log,"
                   " e.its_seq"),
      [&](const SqlRow& row) {
        std::tuple play(sql_text(row[0]), sql_integer(row[1]), sql_integer(row[2]));
        if (play != last) {
          last = std::move(play);
          return ok();
        }
        Measured& sum = all[sql_integer(row[3])];
        --sum.plays;
        sum.play_us -= sql_integer(row[4]);
        sum.person_ms -= sql_integer(row[5]);
        sum.crossings -= sql_integer(row[6]);
        sum.coverage -= sql_integer(row[7]);
        return ok();
      });
}

Status read_audience(SqlStore& store, StoreReport& report) {
  std::map<std::int64_t, Measured> all;
  auto read = store.query(measured_sql("e.quality, count(*), sum(p.play_us), sum(e.person_ms),"
                                       " sum(e.crossings), sum(e.coverage_permille)",
                                       "", "GROUP BY e.quality"),
                          [&](const SqlRow& row) {
                            all[sql_integer(row[0])] = {sql_integer(row[1]), sql_integer(row[2]),
                                                        sql_integer(row[3]), sql_integer(row[4]),
                                                        sql_integer(row[5])};
                            return ok();
                          });
  if (read) read = take_off_doubles(store, all);
  if (!read) return read;
  for (const auto& [quality, sum] : all) {
    if (sum.plays <= 0) continue;
    AudienceByQuality audience{static_cast<Quality>(quality),
                               sum.plays,
                               sum.play_us / kMillisecond,
                               sum.person_ms,
                               sum.crossings,
                               0,
                               sum.coverage / sum.plays};
    if (audience.play_ms > 0)
      audience.avg_milli = mul_div_round(1000, audience.person_ms, audience.play_ms);
    report.exposure_joined += audience.plays;
    report.audience.push_back(audience);
  }
  return ok();
}

Status read_streams(SqlStore& store, StoreReport& report) {
  return store.query(
      "SELECT stream, count(*), sum(last - first + 1), sum(bytes) FROM batch GROUP BY stream"
      " ORDER BY stream",
      [&](const SqlRow& row) {
        const auto stream = static_cast<Stream>(sql_integer(row[0]));
        const std::int64_t rows = sql_integer(row[2]), bytes = sql_integer(row[3]);
        report.streams.push_back({std::string(name_of(stream)), sql_integer(row[1]), rows, bytes});
        if (stream == Stream::play && rows > 0)
          report.bytes_a_play_milli = mul_div_round(1000, bytes, rows);
        return ok();
      });
}

}  // namespace

Result<StoreReport> read_report(const std::string& address) {
  auto store = open_sql_store(address, SqlAccess::read);
  if (!store) return std::move(store).error();
  StoreReport report;
  for (const auto& read : {read_totals, read_creatives, read_audience, read_streams}) {
    if (auto done = read(**store, report); !done) return std::move(done).error();
  }
  return report;
}

}  // namespace vitrine
