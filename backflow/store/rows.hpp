// SQL made from the column lists of the rows. Private to the store.
#pragma once

#include <string>

#include "backflow/spool.hpp"
#include "platform/sqlite.hpp"
#include "protocol/batch.hpp"

namespace vitrine::store {

// CREATE TABLE IF NOT EXISTS for everything named in store.hpp.
Status create_tables(Database& database);

// Where a row came from.
struct Source {
  ScreenId device;
  SpoolPosition at;
};

Status insert_batch(Database& database, const Source& source, const SpoolRecord& record,
                    const Batch& batch);
Status insert_rows(Database& database, const Source& source, const Batch& batch);
Status insert_unreadable(Database& database, const Source& source, const std::string& reason);

// Absent when all bytes are zero.
void bind_hash(Statement& statement, int index, const Hash256& hash);

}  // namespace vitrine::store
