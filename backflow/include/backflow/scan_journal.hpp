// The scans of vitrine-redirect on disk, until `vitrine online tie` takes them into the store: one
// NDJSON file a UTC day, `scans-2026-11-21.ndjson`, appended and fsynced in groups.
//
// The process that anybody may reach writes here and nowhere else; it needs no way to the store.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "backflow/online_rows.hpp"
#include "platform/file.hpp"

namespace vitrine {

class ScanJournal {
 public:
  // How long a passer-by may wait for a disk. After that he is sent on, and his scan is written as
  // soon as the disk answers.
  static constexpr std::chrono::milliseconds kMostWait{200};
  // What waits in memory at most while the disk takes nothing; more is lost, and counted.
  static constexpr std::size_t kMostWaiting = 100'000;

  // Makes the directory. A last line that a power cut has torn is ended, so that it spoils no
  // other.
  static Result<std::unique_ptr<ScanJournal>> open(const fs::path& directory);
  ~ScanJournal();  // tries once more to write what waits

  // true: on disk. false: it waits in memory, after at most kMostWait. Thread-safe.
  bool append(const Scan& scan);
  // Never waits.
  void append(const ScanRefused& count);

  struct State {
    std::size_t waiting = 0;
    std::int64_t lost = 0;
    std::string problem;  // why nothing can be written; empty: all is well
  };
  State state() const;

 private:
  explicit ScanJournal(fs::path directory) : directory_(std::move(directory)) {}
  bool put(std::string line, std::int64_t time_us, bool wait);
  void write_on();
  Status write_group(const std::string& text, std::int64_t day);

  struct Line {
    std::string text;
    std::int64_t day;  // UTC, of its file
  };
  fs::path directory_;
  FileDescriptor file_;  // the writer's
  std::int64_t file_day_ = -1;
  mutable std::mutex mutex_;
  std::condition_variable arrived_, written_;
  std::deque<Line> lines_;
  std::uint64_t taken_ = 0, kept_ = 0;  // lines so far: handed over, and on disk
  std::int64_t lost_ = 0;
  std::string problem_;
  bool hangs_ = false;  // the last wait was in vain, and nothing was written since
  bool ending_ = false;
  std::thread writer_;
};

struct ScanJournalReader {
  std::function<void(const Scan&)> scan;
  std::function<void(const ScanRefused&)> refused;
};
// All lines of the file of that UTC day, in their order; none when there is no such file. How many
// could not be read.
Result<std::int64_t> read_scan_journal(const fs::path& directory, std::int64_t utc_day,
                                       const ScanJournalReader& reader);
// Removes the files of days before that one; how many.
Result<std::int64_t> expire_scan_journal(const fs::path& directory, std::int64_t first_utc_day);

}  // namespace vitrine
