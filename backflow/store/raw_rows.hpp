// The rows of a spool record, table by table, as the raw tables hold them. Pure. Private to the
// store.
#pragma once

#include "backflow/raw_tables.hpp"
#include "backflow/spool.hpp"
#include "protocol/batch.hpp"

namespace vitrine::store {

// Where a row came from.
struct Source {
  ScreenId device;
  std::int64_t spool = 0;
  SpoolPosition at;
};

// One row of a screen: `figures` are those of health, ordered by name.
struct RawRow {
  std::uint64_t seq = 0;
  SqlRow row;
  std::vector<SqlRow> figures;
};

// All rows of the batch, in its order. `invalid` when a value has no place in its column.
Result<std::vector<RawRow>> raw_rows(const Source& source, const Batch& batch);

SqlRow batch_row(const Source& source, const SpoolRecord& record, const Batch& batch,
                 std::size_t added);
SqlRow conflict_row(const Source& source, Stream stream, LogId log_id, std::uint64_t seq);
SqlRow unreadable_row(const Source& source, const std::string& reason);

// At the end of every raw row: spool, segment, offset.
inline constexpr std::size_t kSourceColumns = 3;
SpoolPosition position_of(const SqlRow& row);

}  // namespace vitrine::store
