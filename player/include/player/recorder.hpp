// Where rows go when they are complete. The presenting thread hands them over and goes on; a thread
// of the recorder's own writes them, one durable transaction each play; inputs that wait together
// share one.
//
// A disk that is full, read-only or broken keeps them in memory, in order, and is tried again each
// second. Memory is bounded: where it is not enough the oldest rows go. Plays that go keep their
// place in the count, so that the next one that is stored declares them (PlayLog::append).
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
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
  // `lost`: so many plays before it will never come.
  virtual Result<PlayRow> append(PlayRow row, std::int64_t local_day, std::uint64_t lost) = 0;
  // All or none.
  virtual Status append_inputs(const std::vector<InputRow>& rows) = 0;
};
std::unique_ptr<RowStore> store_in(PlayLog log);

class Recorder final : public PlaySink {
 public:
  struct Options {
    std::size_t most_waiting = 16'384;  // more than the inputs of the largest schedule
    // Half a day of ten seconds each. Until they are stored they are kept in /run, too
    // (player/open_plays.hpp), where each takes a page.
    std::size_t most_plays = 4'096;
    Micros retry_after = 1 * kSecond;
    // On the recorder's thread, after the row is durable.
    std::function<void(const PlayRow&)> stored;
    // Any thread: a play had to make room and will never be stored.
    std::function<void(const PlayRow&)> lost;
    // Recorder's thread: rows begin to wait, and why; empty: they are stored again.
    std::function<void(const std::string& why)> trouble;
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
  std::size_t waiting() const;

 private:
  struct Play {
    PlayRow row;
    std::int64_t local_day = 0;
    std::uint64_t lost = 0;  // plays that went between the one before and this one
  };
  using Entry = std::variant<Play, InputRow>;

  void put(Entry entry);
  std::optional<PlayRow> make_room();
  void run();
  void tell(std::unique_lock<std::mutex>& lock, const std::string& trouble);
  Status write(const Play& play);

  std::unique_ptr<RowStore> store_;
  Options options_;
  std::atomic<std::uint64_t> last_seq_;
  std::atomic<std::uint64_t> lost_{0};
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Entry> waiting_;
  std::size_t plays_waiting_ = 0;
  std::size_t in_hand_ = 0;      // of the front: being written
  std::uint64_t lost_last_ = 0;  // plays that went after the last one that waits
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace vitrine
