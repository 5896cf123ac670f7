#include "player/recorder.hpp"

#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>

using namespace vitrine;

namespace {

// A disk that fails, stalls and recovers as the test says.
class Disk {
 public:
  Status write(const PlayRow& row) {
    std::unique_lock lock(mutex_);
    ++tries_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !stalled_; });
    if (failing_) return fail(ErrorCode::exhausted, "disk is full");
    kept_.push_back(row.decision_seq);
    changed_.notify_all();
    return ok();
  }
  void stall(bool now) { set(stalled_, now); }
  void break_down(bool now) { set(failing_, now); }
  void await_tries(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return tries_ >= count; });
  }
  void await_kept(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return kept_.size() >= count; });
  }
  std::vector<std::uint64_t> kept() {
    const std::lock_guard lock(mutex_);
    return kept_;
  }

 private:
  void set(bool& flag, bool now) {
    const std::lock_guard lock(mutex_);
    flag = now;
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stalled_ = false, failing_ = false;
  int tries_ = 0;
  std::vector<std::uint64_t> kept_;
};

class DiskStore final : public RowStore {
 public:
  explicit DiskStore(Disk& disk) : disk_(disk) {}
  Result<PlayRow> append(PlayRow row, std::int64_t, std::uint64_t lost) override {
    if (auto written = disk_.write(row); !written) return std::move(written).error();
    row.seq = seq_ += 1 + lost;
    return row;
  }
  Status append_inputs(const std::vector<InputRow>& rows) override {
    for (const InputRow& row : rows) {
      PlayRow stand_in;
      stand_in.decision_seq = row.decision_seq;
      if (auto written = disk_.write(stand_in); !written) return written;
    }
    return ok();
  }

 private:
  Disk& disk_;
  std::uint64_t seq_ = 0;
};

PlayRow row(std::uint64_t decision_seq) {
  PlayRow made;
  made.decision_seq = decision_seq;
  return made;
}

Recorder::Options quick() {
  Recorder::Options options;
  options.retry_after = 1 * kMillisecond;
  return options;
}

using Rows = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("rows are stored in order, and told of when they are durable") {
  Disk disk;
  Rows told;
  auto options = quick();
  options.stored = [&](const PlayRow& stored) { told.push_back(stored.decision_seq); };
  Recorder recorder(std::make_unique<DiskStore>(disk), 0, options);
  for (std::uint64_t i = 1; i <= 100; ++i) recorder.play(row(i), 0);
  recorder.stop();
  CHECK(disk.kept().size() == 100);
  CHECK(disk.kept().front() == 1);
  CHECK(disk.kept() == told);
  CHECK(recorder.rows() == 100);
  CHECK(recorder.lost() == 0);
}

TEST_CASE("while the disk fails rows wait, and none is lost or doubled once it works again") {
  Disk disk;
  disk.break_down(true);
  Recorder recorder(std::make_unique<DiskStore>(disk), 0, quick());
  recorder.play(row(1), 0);
  recorder.play(row(2), 0);
  disk.await_tries(3);
  CHECK(disk.kept().empty());
  disk.break_down(false);
  disk.await_kept(2);
  recorder.stop();
  CHECK(disk.kept() == Rows{1, 2});
  CHECK(recorder.lost() == 0);
}

TEST_CASE(
    "a disk that hangs never blocks whoever hands a row over; the oldest rows make room, and each "
    "is counted and told") {
  Disk disk;
  disk.stall(true);
  auto options = quick();
  options.most_plays = 4;
  Rows given_up;
  options.lost = [&](const PlayRow& lost) { given_up.push_back(lost.decision_seq); };
  Recorder recorder(std::make_unique<DiskStore>(disk), 0, options);
  recorder.play(row(1), 0);
  disk.await_tries(1);  // the writer hangs in the first
  for (std::uint64_t i = 2; i <= 10; ++i) recorder.play(row(i), 0);
  CHECK(recorder.lost() == 6);
  CHECK(recorder.waiting() == 4);
  disk.stall(false);
  recorder.stop();
  CHECK(disk.kept() == Rows{1, 8, 9, 10});
  CHECK(given_up == Rows{2, 3, 4, 5, 6, 7});
  CHECK(recorder.rows() == 10);  // what was lost has its seqs, which nobody else gets
}

TEST_CASE("of inputs that find no room the oldest go, too, and take no play's place in the count") {
  Disk disk;
  disk.stall(true);
  auto options = quick();
  options.most_waiting = 3;
  Recorder recorder(std::make_unique<DiskStore>(disk), 0, options);
  recorder.play(row(1), 0);
  disk.await_tries(1);
  InputRow input;
  input.decision_seq = 2;
  recorder.input(input);
  for (std::uint64_t i = 3; i <= 5; ++i) recorder.play(row(i), 0);
  disk.stall(false);
  recorder.stop();
  CHECK(disk.kept() == Rows{1, 4, 5});
  CHECK(recorder.lost() == 2);
  CHECK(recorder.rows() == 4);
}

TEST_CASE("that rows wait is told once, and that they are stored again") {
  Disk disk;
  disk.break_down(true);
  auto options = quick();
  std::vector<std::string> told;
  options.trouble = [&](const std::string& why) { told.push_back(why); };
  Recorder recorder(std::make_unique<DiskStore>(disk), 0, options);
  recorder.play(row(1), 0);
  disk.await_tries(3);
  disk.break_down(false);
  disk.await_kept(1);
  recorder.stop();
  CHECK(told == std::vector<std::string>{"disk is full", ""});
}

TEST_CASE("rows a failing disk still refuses at the end are counted as lost") {
  Disk disk;
  disk.break_down(true);
  Recorder recorder(std::make_unique<DiskStore>(disk), 0, quick());
  for (std::uint64_t i = 1; i <= 3; ++i) recorder.play(row(i), 0);
  recorder.stop();
  CHECK(recorder.lost() == 3);
  recorder.play(row(4), 0);  // too late
  CHECK(recorder.lost() == 4);
}
