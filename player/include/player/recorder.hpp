// Where rows go when they are complete. The presenting thread hands them over and goes on; a thread
// of the recorder's own writes them, one durable transaction each play; inputs that wait together
// share one.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <variant>

#include "platform/clock.hpp"
#include "protocol/play.hpp"
#include "state/play_log.hpp"

namespace vitrine {

// Never blocks, never fails: what cannot be kept is counted and logged by whoever implements it.
class PlaySink {
 public:
  virtual ~PlaySink() = default;
  virtual void play(const PlayRow& row, std::int64_t local_day) = 0;
  virtual void input(const InputRow& row) = 0;
};

// What the recorder writes to; PlayLog in earnest, a failing disk in tests.
class RowStore {
 public:
  virtual ~RowStore() = default;
  virtual Result<PlayRow> append(PlayRow row, std::int64_t local_day) = 0;
  // All or none.
  virtual Status append_inputs(const std::vector<InputRow>& rows) = 0;
};
std::unique_ptr<RowStore> store_in(PlayLog log);

class Recorder final : public PlaySink {
 public:
  struct Options {
    std::size_t most_waiting = 16'384;  // more than the inputs of the largest schedule
    // After a failed write; the rows wait, in order. They are kept in /run meanwhile
    // (player/open_plays.hpp).
    Micros retry_after = 1 * kSecond;
    std::function<void(const PlayRow&)>
        stored;  // on the recorder's thread, after the row is durable
  };
  Recorder(std::unique_ptr<RowStore> store, std::uint64_t last_seq, Options options);
  ~Recorder() override;  // as stop()

  void play(const PlayRow& row, std::int64_t local_day) override;
  void input(const InputRow& row) override;

  // Writes what is waiting, trying each row once more, and ends the thread. Rows that still fail
  // are counted as lost.
  void stop();

  std::uint64_t rows() const { return last_seq_; }  // highest seq stored
  std::uint64_t lost() const { return lost_; }      // rows that will not come

 private:
  struct Play {
    PlayRow row;
    std::int64_t local_day = 0;
  };
  using Entry = std::variant<Play, InputRow>;

  void put(Entry entry);
  void run();
  Status write(const Play& play);

  std::unique_ptr<RowStore> store_;
  Options options_;
  std::atomic<std::uint64_t> last_seq_;
  std::atomic<std::uint64_t> lost_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Entry> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace vitrine
