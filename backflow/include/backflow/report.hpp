// What the store says of everything in it, for `vitrine report`. Reads only.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "platform/file.hpp"
#include "protocol/exposure.hpp"
#include "protocol/play.hpp"

namespace vitrine {

struct CreativePlays {
  CreativeId creative = 0;
  PlayKind kind = PlayKind::play;
  std::int64_t plays = 0;  // rows; those of ghosts and misses were not on the glass
  std::int64_t cut = 0;    // of these, ended early
  std::int64_t shown_ms = 0;
};

// Plays by the quality of what was measured for them. Never added up over qualities: they measure
// different things.
struct AudienceByQuality {
  Quality quality = Quality::none;
  std::int64_t plays = 0;
  std::int64_t play_ms = 0;
  std::int64_t person_ms = 0;
  std::int64_t crossings = 0;          // of the rows that know it
  std::int64_t avg_milli = 0;          // 1000 x person_ms / play_ms, rounded
  std::int64_t coverage_permille = 0;  // mean of the rows
};

struct StreamBytes {
  std::string stream;
  std::int64_t batches = 0;
  std::int64_t rows = 0;
  std::int64_t bytes = 0;  // payloads as they came over the link
};

struct StoreReport {
  std::vector<CreativePlays> creatives;  // by creative, then kind
  std::int64_t plays = 0;                // rows of the play table
  std::int64_t shown = 0;                // with a first flip
  std::int64_t cut = 0;
  std::int64_t exposure_joined = 0;  // shown plays with an exposure row
  std::vector<AudienceByQuality> audience;
  std::vector<StreamBytes> streams;
  std::int64_t bytes_a_play_milli = 0;  // play batches only: 1000 x bytes / rows
  std::int64_t conflicts = 0;
  std::int64_t unreadable = 0;
};

// `address` as for open_sql_store(). `not_found` while the ingest has made no store yet.
Result<StoreReport> read_report(const std::string& address);

}  // namespace vitrine
