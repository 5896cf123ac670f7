// The tables that the loader fills from the spool, one row for each row that a screen sent:
//
//     play, exposure, flow   every column of for_each_column (protocol/play.hpp, exposure.hpp);
//                            key (device, log_id, seq)
//     health, health_figure  one row a snapshot, one a figure
//     event                  what happened, the columns of its kind filled
//     conflict               a row whose key was stored before with other content
//     unreadable             a spool record that is no batch
//     batch                  one row a spool record: device, stream, log_id, first, last, `added`
//     of
//                            them for the first time, bytes, hash, h(last) of plays, the time fix,
//                            received_at_us
//
// Each row says where it comes from: `spool`, the random id of a spool's directory, and the
// record's `segment` and `offset` in it. 64-bit ids stand as signed integers of the same bits,
// hashes as lower-case hex (absent: none), enums as their numbers.
#pragma once

#include <array>

#include "backflow/sql_store.hpp"
#include "protocol/batch.hpp"

namespace vitrine {

// In the order in which a load fills them: what has its row in `batch` is in all before it.
enum class RawTable {
  play,
  exposure,
  flow,
  health,
  health_figure,
  event,
  conflict,
  batch,
  unreadable
};
inline constexpr std::size_t kRawTables = 9;

const SqlTable& raw_table(RawTable table);
// Where the rows of a stream go; health figures have a table of their own beside it.
RawTable raw_table_of(Stream stream);

}  // namespace vitrine
