// The store: the spool's rows as the tables of raw_tables.hpp, in SQLite or ClickHouse, for reports
// and for anybody with a SQL client. SQLite has a view more, `play_audience`: plays with the
// exposure that was measured for them, null where there is none; of two exposures of one play that
// with the larger coverage.
//
// Exactly once, in an engine without transactions: every append is one step, tables are filled in
// one order and `batch` last, and each row says which spool record it is from. So where to go on is
// asked of the store itself, table by table: behind the newest row of `batch`, and in a table that
// got further before a kill, behind its own newest row. Nothing else is saved anywhere. Rows that
// are known (ranges may overlap) are left out: which, is asked of `batch` when the store is opened,
// one row a log where nothing is missing. A known row that comes again is held against the stored
// one; with other content it is a conflict.
//
// It can always be deleted and made again from the spool.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "backflow/raw_tables.hpp"
#include "backflow/spool.hpp"
#include "protocol/batch.hpp"

namespace vitrine {

class Store {
 public:
  // `address` as for open_sql_store(). Makes the tables.
  static Result<Store> open(const std::string& address, const fs::path& spool_directory);
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  // Loads up to `most` spool records that lie before `until` in one step; how many there were. 0:
  // the store is up to date. After an error the next call asks the store where it is.
  Result<std::size_t> load(std::size_t most, SpoolPosition until = kSpoolEnd);
  SpoolPosition position() const;
  // An engine that wants few large appends rather than many small ones.
  bool likes_large_appends() const;

 private:
  class Loader;
  explicit Store(std::unique_ptr<Loader> loader);
  std::unique_ptr<Loader> loader_;
};

}  // namespace vitrine
