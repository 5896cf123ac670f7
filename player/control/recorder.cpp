#include "player/recorder.hpp"

#include <chrono>

#include "platform/log.hpp"

namespace vitrine {
namespace {

constexpr std::uint64_t kRowsBetweenPrunings = 256;

class LogStore final : public RowStore {
 public:
  explicit LogStore(PlayLog log) : log_(std::move(log)) {}
  Result<PlayRow> append(PlayRow row, std::int64_t local_day) override {
    auto stored = log_.append(std::move(row), local_day);
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
  put(Play{row, local_day});
}
void Recorder::input(const InputRow& row) {
  put(row);
}

void Recorder::put(Entry entry) {
  const char* refused = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      refused = "the player has stopped";
    } else if (waiting_.size() >= options_.most_waiting) {
      refused = "the queue for the disk is full";
    } else {
      waiting_.push_back(std::move(entry));
    }
  }
  if (refused == nullptr) {
    wake_.notify_one();
    return;
  }
  const std::uint64_t lost = ++lost_;
  log_error("a row cannot be stored: {}; {} lost since start", refused, lost);
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
  auto stored = store_->append(play.row, play.local_day);
  if (!stored) return std::move(stored).error();
  last_seq_ = stored->seq;
  if (options_.stored) options_.stored(*stored);
  return ok();
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
    const Play* play = std::get_if<Play>(&waiting_.front());  // the front stays while it is written
    const auto rows = static_cast<std::ptrdiff_t>(play != nullptr ? 1 : inputs.size());
    lock.unlock();
    const Status written = play != nullptr ? write(*play) : store_->append_inputs(inputs);
    lock.lock();
    if (written) {
      if (failing) log_info("rows are stored again");
      failing = false;
      waiting_.erase(waiting_.begin(), waiting_.begin() + rows);
      continue;
    }
    if (stopping_) {
      waiting_.erase(waiting_.begin(), waiting_.begin() + rows);
      lost_ += static_cast<std::uint64_t>(rows);
      log_error("{} rows are lost at the end: {}", rows, written.error().message);
      continue;
    }
    if (!failing) log_error("a row cannot be stored: {}; it waits", written.error().message);
    failing = true;
    wake_.wait_for(lock, std::chrono::microseconds(options_.retry_after),
                   [this] { return stopping_; });
  }
}

}  // namespace vitrine
