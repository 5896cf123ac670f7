// The rows of a spool record, table by table, as the raw tables hold them. Pure. Private to the
// store.
#pragma once

#include <functional>
#include <vector>

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

// A block for each raw table.
class RawBlocks {
 public:
  RawBlocks();
  SqlBlock& of(RawTable table) { return blocks_[static_cast<std::size_t>(table)]; }
  const SqlBlock& of(RawTable table) const { return blocks_[static_cast<std::size_t>(table)]; }
  std::size_t rows() const;
  void clear();

 private:
  std::vector<SqlBlock> blocks_;
};

// Adds the batch's rows whose sequence number is wanted, in its order; health figures by name, in
// their own table. How many rows that were, without figures. `invalid`, and nothing is added, when
// a value has no place in its column.
Result<std::size_t> add_raw_rows(RawBlocks& blocks, const Source& source, const Batch& batch,
                                 const std::function<bool(std::uint64_t)>& wanted);

// Dear, and the same whoever asks: once for a record.
struct BatchHashes {
  Hash256 payload{};
  Hash256 chain_after{};  // of plays; else zero
};
BatchHashes hashes_of(ByteView payload, const Batch& batch);

SqlRow batch_row(const Source& source, const SpoolRecord& record, const Batch& batch,
                 const BatchHashes& hashes, std::size_t added);
SqlRow conflict_row(const Source& source, Stream stream, LogId log_id, std::uint64_t seq);
SqlRow unreadable_row(const Source& source, const std::string& reason);

// Of every table that a stream fills; at the end of every raw row: spool, segment, offset.
inline constexpr std::size_t kSeqColumn = 2, kSourceColumns = 3;

}  // namespace vitrine::store
