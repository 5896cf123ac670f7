// Turns rows into batches: at 20 rows, one batch period after the first row was seen, or when told
// to close (SIGTERM). Of a backlog 200 at once, at half the bytes a row, several batches to a
// transaction; the rest behind it closes at once, for it has waited long. A batch never changes
// once frozen. Rows that a log should hold and does not are declared by a DropNotice. One thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "outbox.hpp"
#include "platform/clock.hpp"
#include "state/paths.hpp"

namespace vitrine {

// Of rows that waited while telemetry was dead, when that many wait.
inline constexpr std::size_t kBacklogRows = 200;

// One stream's log as the freezer reads it.
class LogSource {
 public:
  virtual ~LogSource() = default;
  virtual Stream stream() const = 0;
  // `not_found` until the log exists. May go over to a file that replaced the one being read.
  virtual Result<LogId> log_id() = 0;
  // Only `rows` is filled, ascending by seq, with at most `limit` entries (<= 500).
  virtual Result<Batch> rows_after(std::uint64_t after, std::size_t limit) = 0;
};

// play, exposure and flow from the other daemons' databases; event and health from the outbox,
// which must outlive them.
std::vector<std::unique_ptr<LogSource>> make_log_sources(const StatePaths& paths, Outbox& outbox);

class Freezer {
 public:
  Freezer(Outbox& outbox, const Clock& clock, ScreenId screen,
          std::vector<std::unique_ptr<LogSource>> sources);
  ~Freezer();

  // Hears of play rows once they are frozen.
  void on_plays(std::function<void(const std::vector<PlayRow>&)> handler) {
    plays_ = std::move(handler);
  }

  // Reads every log and freezes what is full or due, in one transaction. When one stream has a
  // batch ready, the others' rows go with it as soon as they are half as old: from then on all
  // streams keep the same time. Errors are logged once and tried again at the next call.
  void tick(Micros batch_period);
  // Freezes every row there is.
  void close();
  // The outbox was replaced: every log is read again from its first row.
  void restart();
  // A `resend` command: acknowledged batches that hold rows of the range are due again; rows that
  // are in no batch any more are frozen again from their log, or declared where it has let them go.
  // `not_found` for a log that was never frozen here.
  Status resend(Stream stream, LogId log_id, SeqRange range);

 private:
  struct Reading;
  void read(Reading& reading, Micros batch_period, bool closing);
  Status read_rows(Reading& reading, Micros batch_period, bool closing);
  Status begin(Reading& reading, LogId log_id);
  Result<RowsToFreeze> close_batch(LogCursor& after, Batch batch);
  Status freeze(const std::vector<RowsToFreeze>& batches);
  Status commit_together();
  Status declare(Stream stream, LogCursor& cursor, const Batch& rows);
  Status freeze_again(Reading& reading, LogId log_id, SeqRange range);

  Outbox& outbox_;
  const Clock& clock_;
  ScreenId screen_;
  std::vector<Reading> readings_;
  bool joining_ = false;                 // in tick(): what is frozen goes into together_
  std::optional<Transaction> together_;  // begun with the first batch
  std::string last_error_;               // of its commit, to say each thing once
  std::function<void(const std::vector<PlayRow>&)> plays_;
};

}  // namespace vitrine
