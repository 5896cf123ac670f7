// outbox.db: what is on its way to the backend. Batches frozen once and for all, how far each log
// has been read, the event and health streams, time fixes, and the signed documents that came down.
// One thread owns it; nobody else reads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "platform/sqlite.hpp"
#include "protocol/batch.hpp"
#include "protocol/document.hpp"
#include "protocol/link_state.hpp"

namespace vitrine {

// How far a log has been frozen. `chain` is h(last) of a play log.
struct LogCursor {
  LogId log_id = 0;
  std::uint64_t last = 0;
  Hash256 chain{};
};

struct FrozenBatch {
  std::int64_t id = 0;
  BatchKey key;
  std::size_t size = 0;
  bool live = false;  // frozen by this process, no longer ago than asked for
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

class Outbox {
 public:
  // A damaged file is set aside; the new one draws new log ids for its own streams.
  static Result<Outbox> open(const fs::path& path);

  // --- the streams that live here: event and health
  // -------------------------------------------------------------
  LogId event_log_id() const { return event_log_id_; }
  LogId health_log_id() const { return health_log_id_; }
  Status add_event(EventRow row);                  // gives it its seq
  Status add_health(std::vector<HealthRow> rows);  // all or none
  Result<std::vector<EventRow>> events_after(std::uint64_t after, std::size_t limit);
  Result<std::vector<HealthRow>> health_after(std::uint64_t after, std::size_t limit);

  // --- freezing
  // --------------------------------------------------------------------------------------------------
  Result<std::optional<LogCursor>> cursor(Stream stream, LogId log_id);
  Result<std::vector<LogCursor>> open_logs(Stream stream);  // begun and not ended
  // Batch and cursor in one transaction: a kill at any point freezes the rows once. `now` on
  // CLOCK_BOOTTIME.
  Status freeze(const Batch& batch, const Hash256& chain_after, Micros now);
  // The log was replaced: the LogEnd event and the end of its cursor, in one transaction.
  Status end_log(Stream stream, const LogCursor& cursor);

  // --- sending
  // ---------------------------------------------------------------------------------------------------
  // Unacknowledged batches, live ones (frozen at or after `live_since` by this process) first, then
  // by age.
  Result<std::vector<FrozenBatch>> unacked(Micros live_since, std::size_t limit);
  Result<Bytes> body(std::int64_t id);
  // Only the exact key and hash count. `utc_us` dates the acknowledgement for forget().
  Result<AckResult> acknowledge(const BatchAck& ack, Micros utc_us);
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

  // --- time fixes
  // ------------------------------------------------------------------------------------------------
  Status add_fix(const TimeFix& fix);  // kept, and sent as an event
  // Forgets the fixes of that boot: they were wrong, and a small error would make them the best.
  Status drop_fixes(BootId boot);
  // Least error, then newest, of that boot.
  Result<std::optional<TimeFix>> best_fix(BootId boot);

  // --- documents that came down
  // ------------------------------------------------------------------------------------
  Status save_document(const DocumentHeader& header, const StoredDocument& document);
  Status drop_document(const DocumentHeader& header);
  Result<std::vector<StoredDocument>> documents();

 private:
  explicit Outbox(Database database) : database_(std::move(database)) {}
  Status insert_event(EventRow& row);
  Database database_;
  LogId event_log_id_ = 0;
  LogId health_log_id_ = 0;
  std::optional<Micros> first_look_;  // CLOCK_BOOTTIME of the first waiting()
  std::uint64_t process_ =
      0;  // drawn at open: tells our batches from those an earlier process left
};

}  // namespace vitrine
