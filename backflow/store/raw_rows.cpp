#include "store/raw_rows.hpp"

#include <map>

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
void add_columns(SqlBlock& block, const Source& source, const Row& row) {
  block.add(std::string_view(source.device));
  for_each_column(row, [&](std::string_view, const auto& member) {
    if constexpr (is_hash_column<std::remove_cvref_t<decltype(member)>>) {
      block.add(member);
    } else {
      block.add(column_value(member));
    }
  });
  block.add(source.spool)
      .add(column_value(source.at.segment))
      .add(column_value(source.at.offset))
      .end_row();
}

Status add_health(RawBlocks& blocks, const Source& source, LogId log_id, const HealthRow& health) {
  SqlRow row = {source.device,           bits(log_id),           bits(health.seq),
                maybe(health.boot.high), maybe(health.boot.low), maybe(health.at_us)};
  add_source(row, source);
  if (auto added = blocks.of(RawTable::health).add_row(row); !added) return added;
  // Of two figures of one name the first counts.
  std::map<std::string, std::int64_t> figures;
  for (const auto& [name, value] : health.figures) figures.emplace(name, value);
  for (const auto& [name, value] : figures) {
    SqlRow figure = {source.device, bits(log_id), bits(health.seq), name, maybe(value)};
    add_source(figure, source);
    if (auto added = blocks.of(RawTable::health_figure).add_row(figure); !added) return added;
  }
  return ok();
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

SqlRow event_row(const Source& source, LogId log_id, const EventRow& event) {
  constexpr std::size_t kOwnColumns = 17;
  SqlRow row = {source.device, bits(log_id), bits(event.seq)};
  row.resize(kOwnColumns);
  std::visit(FillEvent{row}, event.body);
  add_source(row, source);
  return row;
}

Status add_row(RawBlocks& blocks, const Source& source, const Batch& batch, const auto& row) {
  using Row = std::remove_cvref_t<decltype(row)>;
  if constexpr (std::is_same_v<Row, HealthRow>) {
    return add_health(blocks, source, batch.key.log_id, row);
  } else if constexpr (std::is_same_v<Row, EventRow>) {
    return blocks.of(RawTable::event).add_row(event_row(source, batch.key.log_id, row));
  } else {
    add_columns(blocks.of(raw_table_of(batch.key.stream)), source, row);
    return ok();
  }
}

Hash256 chain_after(const Batch& batch) {
  const auto* plays = std::get_if<std::vector<PlayRow>>(&batch.rows);
  if (plays == nullptr) return {};
  Hash256 chain = batch.chain_before;
  for (const PlayRow& row : *plays) chain = chain_next(chain, row);
  return chain;
}

}  // namespace

RawBlocks::RawBlocks() {
  for (std::size_t i = 0; i < kRawTables; ++i)
    blocks_.emplace_back(raw_table(static_cast<RawTable>(i)));
}

std::size_t RawBlocks::rows() const {
  std::size_t rows = 0;
  for (const SqlBlock& block : blocks_) rows += block.rows();
  return rows;
}

void RawBlocks::clear() {
  for (SqlBlock& block : blocks_) block.cut(0);
}

Result<std::size_t> add_raw_rows(RawBlocks& blocks, const Source& source, const Batch& batch,
                                 const std::function<bool(std::uint64_t)>& wanted) {
  SqlBlock& block = blocks.of(raw_table_of(batch.key.stream));
  SqlBlock& figures = blocks.of(RawTable::health_figure);
  const std::size_t rows = block.rows(), figure_rows = figures.rows();
  Status added = ok();
  std::visit(
      [&](const auto& all) {
        for (const auto& row : all)
          if (added && wanted(row.seq)) added = add_row(blocks, source, batch, row);
      },
      batch.rows);
  if (added) added = block.check(rows);
  if (added) added = figures.check(figure_rows);
  if (added) return block.rows() - rows;
  block.cut(rows);
  figures.cut(figure_rows);
  return std::move(added).error();
}

BatchHashes hashes_of(ByteView payload, const Batch& batch) {
  return {sha256(payload), chain_after(batch)};
}

SqlRow batch_row(const Source& source, const SpoolRecord& record, const Batch& batch,
                 const BatchHashes& hashes, std::size_t added) {
  SqlRow row = {source.device,
                column_value(batch.key.stream),
                bits(batch.key.log_id),
                bits(batch.key.first),
                bits(batch.key.last),
                bits(added),
                bits(record.payload.size()),
                hash_value(hashes.payload),
                hash_value(hashes.chain_after),
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

}  // namespace vitrine::store
