// The store: the spool's rows in SQLite, for reports and for anybody with a SQL client.
//
//     play, exposure, flow   every column of for_each_column, device, segment, offset; key (device,
//     log_id, seq);
//                            play also has chain
//     health, health_figure  one row a snapshot, one a figure
//     event                  what happened, the columns of its kind filled
//     batch                  device, stream, log_id, first, last, bytes, hash, the time fix,
//     received_at_us conflict               a row whose key was stored before with other content
//     unreadable             a spool record that is no batch
//     play_audience          view: plays with the exposure that was measured for them, null where
//     there is none
//
// 64-bit ids stand as signed integers of the same bits, hashes as lower-case hex text (null: none),
// enums as their numbers, absent values as null.
//
// (segment, offset) of the spool is saved in the transaction that inserts the rows: after a crash
// the store goes on exactly where it was. It can always be deleted and made again from the spool.
#pragma once

#include "backflow/spool.hpp"
#include "platform/sqlite.hpp"
#include "protocol/batch.hpp"

namespace vitrine {

class Store {
 public:
  static Result<Store> open(const fs::path& database, const fs::path& spool_directory);

  // Loads up to `most` spool records that lie before `until` in one transaction; how many there
  // were. 0: the store is up to date.
  Result<std::size_t> load(std::size_t most, SpoolPosition until = kSpoolEnd);
  SpoolPosition position() const { return position_; }

 private:
  Store(Database database, fs::path spool_directory);
  Status load_record(const SpoolEntry& entry);

  Database database_;
  fs::path spool_directory_;
  SpoolPosition position_;
};

}  // namespace vitrine
