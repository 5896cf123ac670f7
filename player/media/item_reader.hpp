// One item on its way to the glass: a thread opens the file, decodes and converts a few frames
// ahead, and stops there until they are taken. The presenter never decodes.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "platform/clock.hpp"
#include "player/scene.hpp"
#include "player/source.hpp"

namespace vitrine {

class AudioFeed;

class ItemReader {
 public:
  struct Setup {
    const Clock* clock = nullptr;
    PicturePool* pool = nullptr;
    SourceOpener open;
    fs::path file;
    int threads = 1;
    std::shared_ptr<const FileBlocks> blocks = nullptr;  // as in SourceOptions
    std::shared_ptr<AudioTrack> audio = nullptr;         // takes its sound; null: not heard
    std::shared_ptr<Scene> scene = nullptr;              // whose pool is taken then
  };
  explicit ItemReader(Setup setup);
  ~ItemReader();  // waits for the thread: cancel() early, destroy once finished()
  ItemReader(const ItemReader&) = delete;
  ItemReader& operator=(const ItemReader&) = delete;

  enum class State { opening, primed, failed };
  State state() const;
  // Waits until it is no longer opening, `until` on the clock has come, or `stop` turned true.
  State wait_primed(Micros until, const std::atomic<bool>& stop);

  enum class Next { frame, end, error, waiting };
  // The next frame in order; `waiting` when `until` came (or `stop`) before it did. A time in the
  // past polls.
  Next take(Frame& frame, Micros until, const std::atomic<bool>& stop);

  // Where the last good picture of a damaged file ends, counted from the first one; known as soon
  // as that picture is decoded.
  std::optional<Micros> breaks_off() const;

  // Valid once primed.
  MediaInfo info() const;
  Micros prime_time() const;
  // Valid once failed or after Next::error.
  Error error() const;

  void cancel();  // decoding ahead ends; frames not taken are dropped
  bool finished() const { return finished_; }

 private:
  void work();
  void work_through(MediaSource& source);
  void feed_until_room(MediaSource& source, AudioFeed& audio);
  template <class Ready>
  void wait(std::unique_lock<std::mutex>& lock, Micros until, const std::atomic<bool>& stop,
            Ready ready);

  Setup setup_;
  std::atomic<bool> cancel_{false};
  std::atomic<bool> finished_{false};
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  State state_ = State::opening;
  bool ended_ = false;
  bool taken_ = false;  // its first frame, by whom it is made for
  std::optional<Error> error_;
  MediaInfo info_;
  Micros prime_time_ = 0;
  std::optional<Micros> breaks_off_;
  std::deque<Frame> ready_;
  std::thread thread_;  // last: it uses everything above
};

}  // namespace vitrine
