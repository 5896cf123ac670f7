// A row that comes again, against the one that is stored under its key. Private to the store.
#pragma once

#include "store/raw_rows.hpp"

namespace vitrine::store {

// Whether row `r` of the stream's table in `blocks` is in the store with the same content, health
// figures included. Where rows come from is no content.
Result<bool> is_stored(SqlStore& store, Stream stream, const RawBlocks& blocks, std::size_t r);

}  // namespace vitrine::store
