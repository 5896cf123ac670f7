#include "backflow/scan_journal.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "base/math.hpp"
#include "base/time.hpp"
#include "platform/log.hpp"
#include "protocol/json.hpp"

namespace vitrine {
namespace {

constexpr std::size_t kMostLine = 4096;
constexpr std::chrono::seconds kTryWritingAgain{1};

std::string file_name(std::int64_t utc_day) {
  return "scans-" + format_utc(utc_day * 86'400).substr(0, 10) + ".ndjson";
}

// Members that are absent are left out.
template <class Row>
std::string line_of(const Row& row) {
  Json::Object object;
  for_each_column(row, [&](std::string_view name, const auto& member) {
    using Member = std::remove_cvref_t<decltype(member)>;
    if constexpr (std::is_same_v<Member, MaybeText> || std::is_same_v<Member, MaybeInteger>) {
      if (member) object.emplace(name, *member);
    } else {
      object.emplace(name, member);
    }
  });
  return write_json(object) + "\n";
}

template <class Row>
bool read_line(const Json& object, Row& row) {
  bool whole = true;
  for_each_column(row, [&](std::string_view name, auto& member) {
    using Member = std::remove_cvref_t<decltype(member)>;
    const Json* value = object.find(name);
    const std::string* text = value == nullptr ? nullptr : value->text();
    const std::int64_t* number = value == nullptr ? nullptr : value->integer();
    if constexpr (std::is_same_v<Member, MaybeText>) {
      if (text != nullptr) member = *text;
    } else if constexpr (std::is_same_v<Member, MaybeInteger>) {
      if (number != nullptr) member = *number;
    } else if constexpr (std::is_same_v<Member, std::string>) {
      whole = whole && text != nullptr;
      if (text != nullptr) member = *text;
    } else {
      whole = whole && number != nullptr;
      if (number != nullptr) member = *number;
    }
  });
  return whole;
}

// The file for appending, at the beginning of a line.
Result<FileDescriptor> open_lines(const fs::path& path) {
  auto opened = open_append(path);
  if (!opened) return opened;
  struct stat state {};
  if (::fstat(opened->get(), &state) != 0 || !S_ISREG(state.st_mode) || state.st_size == 0)
    return opened;
  std::ifstream file(path, std::ios::binary);
  file.seekg(-1, std::ios::end);
  if (file.get() == '\n') return opened;
  if (auto ended = write_all(opened->get(), as_bytes("\n"), path); !ended)
    return std::move(ended).error();
  return opened;
}

}  // namespace

Result<std::unique_ptr<ScanJournal>> ScanJournal::open(const fs::path& directory) {
  if (auto made = make_directories(directory); !made) return std::move(made).error();
  std::unique_ptr<ScanJournal> journal(new ScanJournal(directory));
  journal->writer_ = std::thread([own = journal.get()] { own->write_on(); });
  return journal;
}

ScanJournal::~ScanJournal() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  arrived_.notify_all();
  if (writer_.joinable()) writer_.join();
  if (!lines_.empty())
    log_error("{} scans and counts could not be written to {} and are lost: {}", lines_.size(),
              directory_.string(), problem_);
}

bool ScanJournal::append(const Scan& scan) {
  return put(line_of(scan), scan.time_us, true);
}

void ScanJournal::append(const ScanRefused& count) {
  (void)put(line_of(count), count.time_us, false);
}

bool ScanJournal::put(std::string line, std::int64_t time_us, bool wait) {
  std::unique_lock lock(mutex_);
  if (lines_.size() >= kMostWaiting) {
    ++lost_;
    return false;
  }
  lines_.push_back({std::move(line), floor_div(time_us, kDay)});
  const std::uint64_t mine = ++taken_;
  arrived_.notify_one();
  if (!wait) return false;
  // A disk that is known to be full or to hang is waited for by nobody.
  if (!problem_.empty() || hangs_) return false;
  written_.wait_for(lock, kMostWait, [&] { return kept_ >= mine || !problem_.empty(); });
  hangs_ = kept_ < mine && problem_.empty();
  return kept_ >= mine;
}

ScanJournal::State ScanJournal::state() const {
  const std::lock_guard lock(mutex_);
  return {lines_.size(), lost_, problem_};
}

// The writer's thread: everything that waits and is of one day goes with one fsync.
void ScanJournal::write_on() {
  std::unique_lock lock(mutex_);
  while (true) {
    arrived_.wait(lock, [&] { return ending_ || !lines_.empty(); });
    if (lines_.empty()) return;
    const std::int64_t day = lines_.front().day;
    std::string text;
    std::size_t count = 0;
    for (; count < lines_.size() && lines_[count].day == day && text.size() < 1024 * 1024; ++count)
      text += lines_[count].text;
    const bool last_try = ending_;
    lock.unlock();
    const auto done = write_group(text, day);
    lock.lock();
    if (done) {
      lines_.erase(lines_.begin(), lines_.begin() + static_cast<std::ptrdiff_t>(count));
      kept_ += count;
      if (!problem_.empty()) log_info("scans are written again");
      problem_.clear();
      hangs_ = false;
      written_.notify_all();
      continue;
    }
    if (problem_.empty())
      log_error("cannot write scans: {}; they wait in memory, {} at most", done.error().message,
                kMostWaiting);
    problem_ = done.error().message;
    written_.notify_all();
    if (last_try) return;
    arrived_.wait_for(lock, kTryWritingAgain, [&] { return ending_; });
  }
}

Status ScanJournal::write_group(const std::string& text, std::int64_t day) {
  const fs::path path = directory_ / file_name(day);
  const bool fresh = !fs::exists(path);
  if (!file_.open() || file_day_ != day || fresh) {
    auto opened = open_lines(path);
    if (!opened) return std::move(opened).error();
    file_ = *std::move(opened);
    file_day_ = day;
    if (fresh) {
      if (auto named = sync_directory(directory_); !named) return named;
    }
  }
  auto done = write_all(file_.get(), as_bytes(text), path);
  if (done) done = sync_data(file_.get(), path);
  // Half a group may be there: the next try begins on a line of its own and writes all of it again;
  // a scan that stands twice is one.
  if (!done) file_ = FileDescriptor();
  return done;
}

Result<std::int64_t> read_scan_journal(const fs::path& directory, std::int64_t utc_day,
                                       const ScanJournalReader& reader) {
  std::ifstream file(directory / file_name(utc_day), std::ios::binary);
  if (!file) return std::int64_t{0};
  std::int64_t unreadable = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty()) continue;
    // One without its end is being written, or was torn by a power cut.
    auto object = line.size() > kMostLine ? fail(ErrorCode::invalid, "too long") : parse_json(line);
    Scan scan;
    ScanRefused count;
    if (object && object->find("scan_id") != nullptr && read_line(*object, scan)) {
      reader.scan(scan);
    } else if (object && object->find("count_id") != nullptr && read_line(*object, count)) {
      reader.refused(count);
    } else {
      ++unreadable;
    }
  }
  if (file.bad())
    return fail(ErrorCode::unavailable, "cannot read " + (directory / file_name(utc_day)).string());
  return unreadable;
}

Result<std::int64_t> expire_scan_journal(const fs::path& directory, std::int64_t first_utc_day) {
  std::int64_t files = 0;
  const std::string first = file_name(first_utc_day);  // names sort as their days do
  for (const std::string& name : list_directory(directory)) {
    if (!name.starts_with("scans-") || !name.ends_with(".ndjson") || name >= first) continue;
    if (auto removed = remove_file(directory / name); !removed) return std::move(removed).error();
    ++files;
  }
  return files;
}

}  // namespace vitrine
