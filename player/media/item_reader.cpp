#include "item_reader.hpp"

#include <chrono>

#include "audio/audio_feed.hpp"

namespace vitrine {
namespace {

// Frames decoded ahead of the one taken last. Each is 3 MB at 1080p, and two items are open at a
// seam.
constexpr std::size_t kAhead = 1;
// And of an item that waits for its seam: what is more is decoded while its first frame shows.
constexpr std::size_t kPrimed = 1;
// How often a waiting thread looks at the handed-in clock. With a clock that a test moves by hand
// waiting costs no time at all on that clock: a frame that is still being decoded is then never
// late.
constexpr std::chrono::milliseconds kLook{5};
// How often a track that was full is looked at; it holds ten times as much.
constexpr std::chrono::milliseconds kFeedSoundEvery{50};

}  // namespace

ItemReader::ItemReader(Setup setup) : setup_(std::move(setup)), thread_([this] { work(); }) {}

ItemReader::~ItemReader() {
  cancel();
  thread_.join();
}

void ItemReader::cancel() {
  cancel_ = true;
  {
    const std::lock_guard lock(mutex_);
    ready_.clear();
  }
  changed_.notify_all();
}

void ItemReader::work() {
  const Micros begun = setup_.clock->boottime();
  if (setup_.scene) setup_.scene->prepare();
  {
    auto source = setup_.open(setup_.file, SourceOptions{setup_.threads, &cancel_, setup_.blocks,
                                                         setup_.audio != nullptr});
    if (!source) {
      const std::lock_guard lock(mutex_);
      error_ = std::move(source).error();
    } else {
      prime_time_ = begun;
      work_through(**source);
    }
  }  // the decoder is gone before anybody is told that this is finished
  {
    const std::lock_guard lock(mutex_);
    if (state_ == State::opening) state_ = State::failed;
    if (!error_) ended_ = true;
  }
  finished_ = true;
  changed_.notify_all();
}

void ItemReader::work_through(MediaSource& source) {
  AudioFeed audio(setup_.audio, setup_.file.filename().string());
  while (!cancel_) {
    auto read = source.read(setup_.scene ? setup_.scene->pool() : *setup_.pool);
    audio.picture_read();
    std::unique_lock lock(mutex_);
    if (!read || !*read) {
      if (!read) {
        error_ = std::move(read).error();
      } else if (state_ == State::opening) {
        error_ = fail(ErrorCode::invalid, setup_.file.filename().string() + ": holds no picture");
      } else {
        ended_ = true;
      }
      changed_.notify_all();
      const bool through = ended_;
      lock.unlock();
      if (through) feed_until_room(source, audio);  // sound may last longer than the pictures
      return;
    }
    info_ = source.info();
    if (state_ == State::opening) {
      state_ = State::primed;
      prime_time_ = setup_.clock->boottime() - prime_time_;
    }
    if ((*read)->last_good) breaks_off_ = (*read)->time.pts + (*read)->time.duration;
    ready_.push_back(std::move(**read));
    changed_.notify_all();
    lock.unlock();
    feed_until_room(source, audio);
  }
}

// Decodes sound as it is wanted until another picture is; after the last one, until the sound ends.
void ItemReader::feed_until_room(MediaSource& source, AudioFeed& audio) {
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto room = [&] {
      return cancel_ || (!ended_ && ready_.size() < (taken_ ? kAhead : kPrimed));
    };
    if (cancel_ || (room() && !audio.urgent()) || (ended_ && !audio.open())) return;
    lock.unlock();
    const bool fed = audio.step(source);
    lock.lock();
    if (fed) continue;
    if (audio.open()) {
      changed_.wait_for(lock, kFeedSoundEvery, room);
    } else {
      changed_.wait(lock, room);
    }
  }
}

template <class Ready>
void ItemReader::wait(std::unique_lock<std::mutex>& lock, Micros until,
                      const std::atomic<bool>& stop, Ready ready) {
  while (!ready() && !stop && setup_.clock->boottime() < until) changed_.wait_for(lock, kLook);
}

ItemReader::State ItemReader::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

ItemReader::State ItemReader::wait_primed(Micros until, const std::atomic<bool>& stop) {
  std::unique_lock lock(mutex_);
  wait(lock, until, stop, [&] { return state_ != State::opening; });
  return state_;
}

ItemReader::Next ItemReader::take(Frame& frame, Micros until, const std::atomic<bool>& stop) {
  std::unique_lock lock(mutex_);
  wait(lock, until, stop, [&] { return !ready_.empty() || ended_ || error_; });
  if (!ready_.empty()) {
    frame = std::move(ready_.front());
    ready_.pop_front();
    taken_ = true;
    changed_.notify_all();
    return Next::frame;
  }
  if (error_) return Next::error;
  return ended_ ? Next::end : Next::waiting;
}

std::optional<Micros> ItemReader::breaks_off() const {
  const std::lock_guard lock(mutex_);
  return breaks_off_;
}

MediaInfo ItemReader::info() const {
  const std::lock_guard lock(mutex_);
  return info_;
}

Micros ItemReader::prime_time() const {
  const std::lock_guard lock(mutex_);
  return prime_time_;
}

Error ItemReader::error() const {
  const std::lock_guard lock(mutex_);
  return error_ ? *error_ : fail(ErrorCode::internal, "no error");
}

}  // namespace vitrine
