#include "store/raw_rows.hpp"

#include <algorithm>

#include "platform/crypto.hpp"
#include "protocol/chain.hpp"

namespace vitrine::store {
namespace {

SqlValue maybe(std::int64_t value) {
  return value == kAbsent ? SqlValue() : SqlValue(value);
}

SqlValue hash_value(const Hash256& hash) {
  return hash == Hash256{} ? SqlValue() : SqlValue(to_hex(hash));
}

template <class Id>
SqlValue bits(Id id) {
  return static_cast<std::int64_t>(id);
}

void add_source(SqlRow& row, const Source& source) {
  row.push_back(source.spool);
  row.push_back(bits(source.at.segment));
  row.push_back(bits(source.at.offset));
}

template <class Row>
RawRow columns_of(const Source& source, const Row& row, std::size_t columns) {
  RawRow raw;
  raw.seq = row.seq;
  raw.row.reserve(columns);
  raw.row.emplace_back(source.device);
  for_each_column(row, [&](std::string_view, const auto& member) {
    using Member = std::remove_cvref_t<decltype(member)>;
    if constexpr (is_hash_column<Member>) {
      raw.row.push_back(hash_value(member));
    } else if constexpr (std::is_same_v<Member, std::int64_t>) {
      raw.row.push_back(maybe(member));
    } else {
      raw.row.emplace_back(column_value(member));
    }
  });
  add_source(raw.row, source);
  return raw;
}

RawRow health_row(const Source& source, LogId log_id, const HealthRow& health) {
  RawRow raw;
  raw.seq = health.seq;
  raw.row = {source.device,           bits(log_id),           bits(health.seq),
             maybe(health.boot.high), maybe(health.boot.low), maybe(health.at_us)};
  add_source(raw.row, source);
  for (const auto& [name, value] : health.figures) {
    SqlRow figure = {source.device, bits(log_id), bits(health.seq), name, maybe(value)};
    add_source(figure, source);
    raw.figures.push_back(std::move(figure));
  }
  const auto name = [](const SqlRow& figure) -> const std::string& { return sql_text(figure[3]); };
  std::stable_sort(raw.figures.begin(), raw.figures.end(),
                   [&](const SqlRow& a, const SqlRow& b) { return name(a) < name(b); });
  // Of two figures of one name the first counts.
  raw.figures.erase(
      std::unique(raw.figures.begin(), raw.figures.end(),
                  [&](const SqlRow& a, const SqlRow& b) { return name(a) == name(b); }),
      raw.figures.end());
  return raw;
}

// Fills what its kind has; everything else stays absent.
struct FillEvent {
  SqlRow& to;  // device, log_id, seq are there; the rest by the order of the event table
  void operator()(const Notice& notice) const {
    start("notice", notice.boot, notice.at_us);
    to[7] = notice.code;
    to[8] = notice.text;
  }
  void operator()(const TimeFix& fix) const {
    start("fix", fix.boot, fix.boottime_us);
    to[9] = maybe(fix.utc_us);
    to[10] = maybe(fix.error_us);
    to[11] = column_value(fix.source);
  }
  void operator()(const DropNotice& drop) const {
    to[3] = std::string("drop");
    to[8] = drop.reason;
    to[12] = column_value(drop.stream);
    to[13] = bits(drop.log_id);
    to[14] = bits(drop.first);
    to[15] = bits(drop.last);
    to[16] = hash_value(drop.chain_after);
  }
  void operator()(const LogEnd& end) const {
    to[3] = std::string("log-end");
    to[12] = column_value(end.stream);
    to[13] = bits(end.log_id);
    to[15] = bits(end.last_seen);
  }

 private:
  void start(const char* kind, const BootId& boot, std::int64_t at_us) const {
    to[3] = std::string(kind);
    to[4] = maybe(boot.high);
    to[5] = maybe(boot.low);
    to[6] = maybe(at_us);
  }
};

RawRow event_row(const Source& source, LogId log_id, const EventRow& event) {
  constexpr std::size_t kOwnColumns = 17;
  RawRow raw;
  raw.seq = event.seq;
  raw.row = {source.device, bits(log_id), bits(event.seq)};
  raw.row.resize(kOwnColumns);
  std::visit(FillEvent{raw.row}, event.body);
  add_source(raw.row, source);
  return raw;
}

Hash256 chain_after(const Batch& batch) {
  const auto* plays = std::get_if<std::vector<PlayRow>>(&batch.rows);
  if (plays == nullptr) return {};
  Hash256 chain = batch.chain_before;
  for (const PlayRow& row : *plays) chain = chain_next(chain, row);
  return chain;
}

}  // namespace

Result<std::vector<RawRow>> raw_rows(const Source& source, const Batch& batch) {
  const RawTable table = raw_table_of(batch.key.stream);
  const std::size_t columns = raw_table(table).columns.size();
  std::vector<RawRow> raw;
  std::visit(
      [&](const auto& rows) {
        using Row = typename std::remove_cvref_t<decltype(rows)>::value_type;
        raw.reserve(rows.size());
        for (const Row& row : rows) {
          if constexpr (std::is_same_v<Row, HealthRow>) {
            raw.push_back(health_row(source, batch.key.log_id, row));
          } else if constexpr (std::is_same_v<Row, EventRow>) {
            raw.push_back(event_row(source, batch.key.log_id, row));
          } else {
            raw.push_back(columns_of(source, row, columns));
          }
        }
      },
      batch.rows);
  for (const RawRow& row : raw) {
    if (auto good = check_sql_rows(raw_table(table), {&row.row, 1}); !good)
      return std::move(good).error();
    if (auto good = check_sql_rows(raw_table(RawTable::health_figure), row.figures); !good)
      return std::move(good).error();
  }
  return raw;
}

SqlRow batch_row(const Source& source, const SpoolRecord& record, const Batch& batch,
                 std::size_t added) {
  SqlRow row = {source.device,
                column_value(batch.key.stream),
                bits(batch.key.log_id),
                bits(batch.key.first),
                bits(batch.key.last),
                bits(added),
                bits(record.payload.size()),
                hash_value(sha256(record.payload)),
                hash_value(chain_after(batch)),
                batch.fix.boot.high,
                batch.fix.boot.low,
                maybe(batch.fix.boottime_us),
                maybe(batch.fix.utc_us),
                maybe(batch.fix.error_us),
                column_value(batch.fix.source),
                record.received_at_us};
  add_source(row, source);
  return row;
}

SqlRow conflict_row(const Source& source, Stream stream, LogId log_id, std::uint64_t seq) {
  SqlRow row = {source.device, column_value(stream), bits(log_id), bits(seq)};
  add_source(row, source);
  return row;
}

SqlRow unreadable_row(const Source& source, const std::string& reason) {
  SqlRow row = {source.device, reason};
  add_source(row, source);
  return row;
}

SpoolPosition position_of(const SqlRow& row) {
  return {static_cast<std::uint64_t>(sql_integer(row[row.size() - 2])),
          static_cast<std::uint64_t>(sql_integer(row[row.size() - 1]))};
}

}  // namespace vitrine::store
