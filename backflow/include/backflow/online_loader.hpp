// Puts rows of the online side into the store, each once: a row whose key is there already is the
// same row (counted, nothing happens) or a conflict (kept aside, the stored one stays). Rows of an
// id that was erased after their time do not come back.
//
// Two loaders may meet in SQLite, where a second row of one key is refused and asked for again; in
// ClickHouse, which refuses nothing, the same key must not come by two ways at one moment.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "backflow/online_reader.hpp"

namespace vitrine {

struct OnlineCounts {
  std::int64_t read = 0;  // = stored + already + rejected
  std::int64_t stored = 0;
  std::int64_t already = 0;
  std::map<RowCause, std::int64_t> rejected;

  std::int64_t rejected_rows() const;
  // "5 rows read, 3 stored, 1 already there, 1 rejected (bad_money 1)".
  std::string text() const;
};

class OnlineLoader {
 public:
  using Rejected = std::function<Status(const RejectedRow&)>;

  // `rejected` hears of rows with faults, from the reader or found here, in no certain order.
  // Makes the tables that are not there.
  static Result<OnlineLoader> open(SqlStore& store, OnlineKind kind, Rejected rejected);

  // What an OnlineReader is to be given. Valid while the loader stays where it is.
  OnlineSink sink();
  // Stores what waits; rows count as stored only after it. After an error that is `unavailable` the
  // same rows may be sent again.
  Status flush();
  const OnlineCounts& counts() const { return counts_; }

 private:
  struct Waiting {
    SqlRow values;
    std::int64_t line;
    std::string text;
  };
  OnlineLoader(SqlStore& store, OnlineKind kind, Rejected rejected)
      : store_(&store), kind_(kind), rejected_(std::move(rejected)) {}
  Status read_erased();
  Status take(const OnlineRow& row);
  Status read_known(std::unordered_map<std::string, SqlRow>& into) const;
  Result<std::vector<const Waiting*>> store_waiting(std::size_t& fresh_rows);
  Status reject(const RejectedRow& row);
  bool is_erased(const SqlRow& values) const;

  SqlStore* store_;
  OnlineKind kind_;
  Rejected rejected_;
  OnlineCounts counts_;
  std::vector<Waiting> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::unordered_map<std::string, std::int64_t> erased_;  // SHA-256 of the id, when
};

// Removes an id from every table, for good, and leaves a row in online_erasure that holds the
// SHA-256 of "id_type:id_hash" and the number of rows that went. Again: 0 rows.
Result<std::int64_t> erase_online_id(SqlStore& store, const std::string& id_type,
                                     const std::string& id_hash, std::int64_t now_us);

// Removes events, links and scans of days before `first_day`. How many rows went.
Result<std::int64_t> expire_online(SqlStore& store, std::int64_t first_day);

}  // namespace vitrine
