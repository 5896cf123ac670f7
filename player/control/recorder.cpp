#include "player/recorder.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "platform/log.hpp"

namespace vitrine {
namespace {

constexpr std::uint64_t kRowsBetweenPrunings = 256;

class LogStore final : public RowStore {
 public:
  explicit LogStore(PlayLog log) : log_(std::move(log)) {}
  Result<PlayRow> append(PlayRow row, std::int64_t local_day, std::uint64_t lost) override {
    auto stored = log_.append(std::move(row), local_day, lost);
    if (stored && stored->seq % kRowsBetweenPrunings == 0) {
      if (auto pruned = log_.prune(); !pruned)
        log_warn("cannot make room in the play log: {}", pruned.error().message);
    }
    return stored;
  }
  Status append_inputs(const std::vector<InputRow>& rows) override {
    return log_.append_inputs(rows);
  }

 private:
  PlayLog log_;
};

}  // namespace

std::unique_ptr<RowStore> store_in(PlayLog log) {
  return std::make_unique<LogStore>(std::move(log));
}

Recorder::Recorder(std::unique_ptr<RowStore> store, std::uint64_t last_seq, Options options)
    : store_(std::move(store)), options_(std::move(options)), last_seq_(last_seq) {
  thread_ = std::thread([this] { run(); });
}

Recorder::~Recorder() {
  stop();
}

void Recorder::play(const PlayRow& row, std::int64_t local_day) {
  put(Play{row, local_day, 0});
}
void Recorder::input(const InputRow& row) {
  put(row);
}

void Recorder::put(Entry entry) {
  std::optional<PlayRow> given_up;
  bool refused = false;
  std::size_t gone = 0;
  {
    const std::lock_guard lock(mutex_);
    refused = stopping_;
    if (!refused) {
      if (auto* play = std::get_if<Play>(&entry)) {
        play->lost = std::exchange(lost_last_, 0);
        ++plays_waiting_;
      }
      const std::size_t before = waiting_.size();
      waiting_.push_back(std::move(entry));
      given_up = make_room();
      gone = before + 1 - waiting_.size();
    }
  }
  if (refused) {
    log_error("a row cannot be stored: the player has stopped; {} lost since start", ++lost_);
    return;
  }
  wake_.notify_one();
  if (gone == 0) return;
  const std::uint64_t lost = lost_ += gone;
  log_error("the oldest row that waits for the disk is given up for want of room; {} since start",
            lost);
  if (given_up && options_.lost) options_.lost(*given_up);
}

// Under the lock, after a row was put: of one row too many, or one play, the oldest that is not in
// hand goes. The play, when it is one.
std::optional<PlayRow> Recorder::make_room() {
  const bool too_many_plays = plays_waiting_ > options_.most_plays;
  if (!too_many_plays && waiting_.size() <= options_.most_waiting) return std::nullopt;
  auto oldest = waiting_.begin() + static_cast<std::ptrdiff_t>(in_hand_);
  if (too_many_plays) {
    oldest = std::find_if(oldest, waiting_.end(),
                          [](const Entry& waits) { return std::holds_alternative<Play>(waits); });
  }
  if (oldest == waiting_.end()) return std::nullopt;
  auto* play = std::get_if<Play>(&*oldest);
  if (play == nullptr) {
    waiting_.erase(oldest);
    return std::nullopt;
  }
  PlayRow row = std::move(play->row);
  const std::uint64_t lost = play->lost + 1;
  --plays_waiting_;
  const auto next = std::find_if(waiting_.erase(oldest), waiting_.end(), [](const Entry& waits) {
    return std::holds_alternative<Play>(waits);
  });
  if (next != waiting_.end()) {
    std::get<Play>(*next).lost += lost;
  } else {
    lost_last_ += lost;
  }
  return row;
}

std::size_t Recorder::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

void Recorder::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

Status Recorder::write(const Play& play) {
  auto stored = store_->append(play.row, play.local_day, play.lost);
  if (!stored) return std::move(stored).error();
  last_seq_ = stored->seq;
  if (options_.stored) options_.stored(*stored);
  return ok();
}

void Recorder::tell(std::unique_lock<std::mutex>& lock, const std::string& trouble) {
  if (!options_.trouble) return;
  lock.unlock();
  options_.trouble(trouble);
  lock.lock();
}

void Recorder::run() {
  bool failing = false;
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    std::vector<InputRow> inputs;
    for (const Entry& entry : waiting_) {
      const auto* input = std::get_if<InputRow>(&entry);
      if (input == nullptr) break;
      inputs.push_back(*input);
    }
    // The front stays while it is written, whatever makes room behind it and moves it about.
    const auto* front = std::get_if<Play>(&waiting_.front());
    const std::optional<Play> play = front != nullptr ? std::optional(*front) : std::nullopt;
    in_hand_ = play ? 1 : inputs.size();
    lock.unlock();
    const Status written = play ? write(*play) : store_->append_inputs(inputs);
    lock.lock();
    const auto done = [&] {
      if (play) --plays_waiting_;
      waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(in_hand_));
    };
    if (written) {
      done();
      in_hand_ = 0;
      if (!std::exchange(failing, false)) continue;
      log_info("rows are stored again");
      tell(lock, {});
      continue;
    }
    if (stopping_) {
      done();
      lost_ += in_hand_;
      log_error("{} rows are lost at the end: {}", std::exchange(in_hand_, 0),
                written.error().message);
      continue;
    }
    in_hand_ = 0;
    if (!std::exchange(failing, true)) {
      log_error("a row cannot be stored: {}; it waits", written.error().message);
      tell(lock, written.error().message);
    }
    wake_.wait_for(lock, std::chrono::microseconds(options_.retry_after),
                   [this] { return stopping_; });
  }
}

}  // namespace vitrine
