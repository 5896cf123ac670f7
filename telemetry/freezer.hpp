// Turns rows into batches: at 20 rows, one batch period after the first row was seen, or when told
// to close (SIGTERM). A batch never changes once frozen. One thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "outbox.hpp"
#include "platform/clock.hpp"
#include "state/paths.hpp"

namespace vitrine {

inline constexpr std::size_t kBatchRows = 20;

// One stream's log as the freezer reads it.
class LogSource {
 public:
  virtual ~LogSource() = default;
  virtual Stream stream() const = 0;
  // `not_found` until the log exists. May go over to a file that replaced the one being read.
  virtual Result<LogId> log_id() = 0;
  // Only `rows` is filled, ascending by seq, with at most `limit` entries.
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

  // Reads every log and freezes what is full or due. Errors are logged once and tried again at the
  // next call.
  void tick(Micros batch_period);
  // Freezes every row there is.
  void close();

 private:
  struct Reading;
  void read(Reading& reading, Micros batch_period, bool closing);
  Status begin(Reading& reading, LogId log_id);
  Status freeze(Reading& reading, Batch batch);

  Outbox& outbox_;
  const Clock& clock_;
  ScreenId screen_;
  std::vector<Reading> readings_;
  std::function<void(const std::vector<PlayRow>&)> plays_;
};

}  // namespace vitrine
