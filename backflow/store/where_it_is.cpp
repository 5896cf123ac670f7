#include "store/where_it_is.hpp"

namespace vitrine::store {
namespace {

template <class Id>
Id id(const SqlValue& value) {
  return static_cast<Id>(sql_integer(value));
}

// The newest record of this spool with a row in `table`, behind `after`.
Result<std::optional<SpoolPosition>> newest_in(SqlStore& store, RawTable table, std::int64_t spool,
                                               const std::optional<SpoolPosition>& after) {
  std::string where = " WHERE spool = " + std::to_string(spool);
  if (after) {
    // Said by `segment` alone first: by that the rows of older partitions are not even looked at.
    const std::string segment = std::to_string(after->segment);
    where += " AND segment >= " + segment + " AND (segment > " + segment + " OR offset > " +
             std::to_string(after->offset) + ")";
  }
  std::optional<SpoolPosition> newest;
  auto done =
      store.query("SELECT segment, offset FROM " + raw_table(table).name + where +
                      " ORDER BY segment DESC, offset DESC LIMIT 1",
                  [&](const SqlRow& row) {
                    newest = SpoolPosition{id<std::uint64_t>(row[0]), id<std::uint64_t>(row[1])};
                    return ok();
                  });
  if (!done) return std::move(done).error();
  return newest;
}

LogName log_of(const SqlRow& row) {
  return {sql_text(row[0]), static_cast<Stream>(sql_integer(row[1])), id<LogId>(row[2])};
}

Status ask_ranges(SqlStore& store, const LogName& log, SeqRanges& ranges) {
  return store.query("SELECT first, last FROM batch WHERE device = " + sql_quoted(log.device) +
                         " AND stream = " + std::to_string(column_value(log.stream)) +
                         " AND log_id = " + std::to_string(static_cast<std::int64_t>(log.log_id)),
                     [&](const SqlRow& row) {
                       ranges.add(id<std::uint64_t>(row[0]), id<std::uint64_t>(row[1]));
                       return ok();
                     });
}

}  // namespace

// A log whose rows, each counted once, are as many as its ends are apart has all of them.
Status ask_known(SqlStore& store, KnownRows& known, const ScreenId& device) {
  const std::string where = device.empty() ? "" : "WHERE device = " + sql_quoted(device) + " ";
  std::vector<LogName> with_gaps;
  auto done =
      store.query("SELECT device, stream, log_id, min(first), max(last), sum(added) FROM batch " +
                      where + "GROUP BY device, stream, log_id",
                  [&](const SqlRow& row) {
                    const auto first = id<std::uint64_t>(row[3]), last = id<std::uint64_t>(row[4]);
                    if (id<std::uint64_t>(row[5]) == last - first + 1) {
                      known[log_of(row)].add(first, last);
                    } else {
                      with_gaps.push_back(log_of(row));
                    }
                    return ok();
                  });
  if (!done) return done;
  for (const LogName& log : with_gaps) {
    if (auto asked = ask_ranges(store, log, known[log]); !asked) return asked;
  }
  return ok();
}

Result<WhereItIs> ask_where_it_is(SqlStore& store, std::int64_t spool) {
  WhereItIs where;
  for (const RawTable table : {RawTable::unreadable, RawTable::batch}) {
    auto newest = newest_in(store, table, spool, {});
    if (!newest) return std::move(newest).error();
    // A record is in one of the two, and a load fills `unreadable` last.
    if (*newest && (!where.whole || **newest > *where.whole)) where.whole = *newest;
  }
  for (std::size_t i = 0; i < kRawTables; ++i) {
    auto newest = newest_in(store, static_cast<RawTable>(i), spool, where.whole);
    if (!newest) return std::move(newest).error();
    where.newest[i] = *newest;
  }
  if (auto asked = ask_known(store, where.known); !asked) return std::move(asked).error();
  return where;
}

}  // namespace vitrine::store
