// What a store says of how far it got. Private to the store.
#pragma once

#include <array>
#include <optional>

#include "backflow/raw_tables.hpp"
#include "backflow/spool.hpp"
#include "store/known_rows.hpp"

namespace vitrine::store {

struct WhereItIs {
  // The last record that is in every table; absent: none.
  std::optional<SpoolPosition> whole;
  // The last record of which a table has rows, where it is behind `whole`.
  std::array<std::optional<SpoolPosition>, kRawTables> newest;
  KnownRows known;  // the rows of all records up to `whole`, of every spool
};

// All rows that `batch` knows of, of one screen or, without a name, of all.
Status ask_known(SqlStore& store, KnownRows& known, const ScreenId& device = {});

Result<WhereItIs> ask_where_it_is(SqlStore& store, std::int64_t spool);

}  // namespace vitrine::store
