// outbox.db: what is on its way to the backend. Batches frozen once and for all, how far each log
// has been read, the event and health streams, time fixes, and the signed documents that came down.
// One thread owns it; nobody else reads.
//
// It loses nothing unsaid. The file never grows beyond its bound: what must go for room goes by one
// rule (outbox_room.cpp), and the DropNotice stands in the transaction that drops. When a call
// meets damage, damaged() says so from then on and replace() begins a new file.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "platform/sqlite.hpp"
#include "protocol/batch.hpp"
#include "protocol/document.hpp"
#include "protocol/link_state.hpp"
#include "state/log_file.hpp"

namespace vitrine {

// How many rows close a batch; a batch with more was frozen from a backlog.
inline constexpr std::size_t kBatchRows = 20;

// How far a log has been frozen. `chain` is h(last) of a play log.
struct LogCursor {
  LogId log_id = 0;
  std::uint64_t last = 0;
  Hash256 chain{};
};

struct RowsToFreeze {
  Batch batch;
  Hash256 chain_after{};  // h of its last play
};

struct FrozenBatch {
  std::int64_t id = 0;
  BatchKey key;
  std::size_t size = 0;
  // Frozen by this process, no longer ago than asked for, and not from a backlog.
  bool live = false;
};

struct SeqRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;  // inclusive
  auto operator<=>(const SeqRange&) const = default;
};

struct StoredDocument {
  std::string jws;
  ApplyState state = ApplyState::verified;
  std::string error;
};

struct AckResult {
  enum class Outcome { done, repeated, unknown, mismatch };
  Outcome outcome = Outcome::unknown;
  std::int64_t id = 0;  // of the batch, unless unknown
};

struct OutboxOptions {
  std::int64_t most_bytes = 64'000'000;  // of the file and its WAL together
};

class Outbox {
 public:
  // A damaged file is set aside; the new one draws new log ids for its own streams.
  static Result<Outbox> open(const LogPlace& place, OutboxOptions options = {});

  // A call met damage. Everything may fail until replace() has begun a new file in this one's
  // place: with new log ids, the LogEnd of the old event and health logs where their ids can still
  // be read, and the documents and fixes that can. What was frozen is gone; the logs still hold its
  // rows.
  bool damaged() const { return damaged_ || database_.damaged(); }
  Status replace();
  // Where the file that open() or replace() found damaged stands now; empty when there was none.
  const fs::path& set_aside() const { return set_aside_; }

  // --- the streams that live here: event and health
  LogId event_log_id() const { return event_log_id_; }
  LogId health_log_id() const { return health_log_id_; }
  Status add_event(EventRow row);                  // gives it its seq
  Status add_health(std::vector<HealthRow> rows);  // all or none
  Result<std::vector<EventRow>> events_after(std::uint64_t after, std::size_t limit);
  Result<std::vector<HealthRow>> health_after(std::uint64_t after, std::size_t limit);

  // --- freezing
  Result<std::optional<LogCursor>> cursor(Stream stream, LogId log_id);
  Result<std::vector<LogCursor>> open_logs(Stream stream);  // begun and not ended
  // Batches and cursor in one transaction with one fsync, all or none: a kill at any point freezes
  // the rows once. `now` on CLOCK_BOOTTIME. A batch that ends at or before the cursor leaves it
  // where it is.
  Status freeze(const std::vector<RowsToFreeze>& batches, Micros now);
  // How many of a backlog's batches one transaction may take.
  std::size_t batches_at_once() const;
  // What the calls below and above write until it is committed reaches the disk at once, or not at
  // all: a commit costs the flash more than what it holds.
  Result<Transaction> together() { return Transaction::begin(database_); }
  // Rows that will never come, in the same transaction as what it means for the cursor: it moves
  // over them where they are next.
  Status skip(const DropNotice& drop);
  // The log was replaced: the LogEnd event and the end of its cursor, in one transaction.
  Status end_log(Stream stream, const LogCursor& cursor);

  // --- sending (outbox_delivery.cpp)
  // Unacknowledged batches, live ones (`live_since` on CLOCK_BOOTTIME) first, then by age.
  Result<std::vector<FrozenBatch>> unacked(Micros live_since, std::size_t limit);
  // `not_found` when it was dropped meanwhile. A body that is not what was frozen is damage.
  Result<Bytes> body(std::int64_t id);
  // Only the exact key and hash count. `utc_us` dates the acknowledgement for forget().
  Result<AckResult> acknowledge(const BatchAck& ack, Micros utc_us);
  // Makes acknowledged batches that hold a row of the range due again, byte for byte. What comes
  // back was frozen once and stands in no batch any more. `not_found` for a log never heard of.
  Result<std::vector<SeqRange>> make_due(Stream stream, LogId log_id, SeqRange range);
  // Drops batches acknowledged before `utc_us`.
  Status forget(Micros utc_us);
  struct Load {
    std::int64_t batches = 0;
    std::int64_t bytes = 0;
  };
  Result<Load> unacked_load();

  // What waits, by stream; `now` on CLOCK_BOOTTIME. `age` of the oldest is at least that: of what
  // an earlier process left only the time since this one began is sure.
  struct Waiting {
    Stream stream = Stream::play;
    std::int64_t batches = 0, rows = 0, bytes = 0;
    Micros age = 0;
  };
  Result<std::vector<Waiting>> waiting(Micros now);

  // --- room (outbox_room.cpp)
  // Of the pages in use; the file and its WAL are never larger than the bound.
  Result<std::int64_t> used_bytes();
  // Rows given up for want of room since this process began.
  std::int64_t dropped_rows(Stream stream) const {
    return dropped_rows_[static_cast<std::size_t>(stream)];
  }

  // --- time fixes (outbox_records.cpp)
  Status add_fix(const TimeFix& fix);  // kept, and sent as an event
  // Forgets the fixes of that boot: they were wrong, and a small error would make them the best.
  Status drop_fixes(BootId boot);
  // Least error, then newest, of that boot.
  Result<std::optional<TimeFix>> best_fix(BootId boot);

  // --- documents that came down (outbox_records.cpp)
  Status save_document(const DocumentHeader& header, const StoredDocument& document);
  Status drop_document(const DocumentHeader& header);
  Result<std::vector<StoredDocument>> documents();

 private:
  Outbox(Database database, LogPlace place, OutboxOptions options)
      : database_(std::move(database)), place_(std::move(place)), options_(options) {}
  Status begin();
  void take_over(const fs::path& aside);
  Status insert_event(EventRow& row);
  Status move_cursor(Stream stream, const LogCursor& cursor);
  // Room for `need` more bytes in so many rows; `merge_above`: a DropNotice may grow an event above
  // this seq.
  Status make_room(std::size_t need, std::uint64_t merge_above = 0, std::size_t rows = 1);
  Status insert_batch(const BatchKey& key, const Bytes& body, Micros now);
  Result<bool> drop_acknowledged();
  Result<bool> drop_oldest(Stream stream, std::uint64_t merge_above);
  Status declare(const DropNotice& drop, std::uint64_t merge_above);
  std::int64_t most_database_bytes() const;

  Database database_;
  LogPlace place_;
  OutboxOptions options_;
  fs::path set_aside_;
  bool damaged_ = false;  // found by ourselves: SQLite has no checksum over what it stores
  LogId event_log_id_ = 0;
  LogId health_log_id_ = 0;
  std::array<std::int64_t, kStreams> dropped_rows_{};
  std::optional<Micros> first_look_;  // CLOCK_BOOTTIME of the first waiting()
  // Drawn at open: tells our batches from those an earlier process left.
  std::uint64_t process_ = 0;
};

}  // namespace vitrine
