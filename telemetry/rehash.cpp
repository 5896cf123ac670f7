#include "rehash.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "platform/config.hpp"
#include "platform/crypto.hpp"
#include "platform/log.hpp"
#include "platform/priority.hpp"

namespace vitrine {
namespace {

constexpr std::size_t kChunk = 256 * 1024;
constexpr int kLookAgainMs = 250;

}  // namespace

Rehash::Rehash(Options options) : options_(std::move(options)), thread_([this] { work(); }) {}

Rehash::~Rehash() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopped_.notify_all();
  thread_.join();
}

std::vector<std::string> Rehash::damaged() {
  const std::lock_guard lock(mutex_);
  return std::exchange(damaged_, {});
}

bool Rehash::finished() const {
  const std::lock_guard lock(mutex_);
  return finished_;
}

bool Rehash::wait_ms(int milliseconds) {
  std::unique_lock lock(mutex_);
  return !stopped_.wait_for(lock, std::chrono::milliseconds(milliseconds),
                            [this] { return stop_; });
}

void Rehash::work() {
  run_in_background();
  if (!wait_ms(options_.first_wait_ms)) return;
  if (auto file = Config::read(options_.done)) {
    if (auto names = file->texts("files")) done_ = {names->begin(), names->end()};
  }
  for (const std::string& name : list_directory(options_.content)) {
    if (name.size() != 64 || !hash_from_hex(name) || done_.contains(name)) continue;
    if (!wait_ms(0)) return;
    look_at(name);
  }
  const std::lock_guard lock(mutex_);
  finished_ = true;
}

void Rehash::look_at(const std::string& name) {
  const fs::path path = options_.content / name;
  auto hash = read_slowly(path);
  if (hash && to_hex(*hash) == name) {
    done_.insert(name);
    std::string text;
    for (const std::string& one : done_) text += (text.empty() ? "\"" : ", \"") + one + "\"";
    (void)replace_volatile(options_.done, "files = [" + text + "]\n");
    return;
  }
  if (!hash && hash.error().code != ErrorCode::corrupt) return;  // removed meanwhile, or we stop
  fs::path away = path;
  away += ".bad";
  std::error_code error;
  fs::rename(path, away, error);
  if (error) return;
  if (auto synced = sync_directory(options_.content); !synced)
    log_warn("{}", synced.error().message);
  const std::lock_guard lock(mutex_);
  damaged_.push_back("creative " + name.substr(0, 12) + ": " +
                     (hash ? "its bytes on the disk have changed" : hash.error().message) +
                     "; it is moved away and fetched again where it is still needed");
}

Result<Hash256> Rehash::read_slowly(const fs::path& path) {
  auto file = open_read(path);
  if (!file) return std::move(file).error();
  Sha256 hash;
  Bytes chunk(kChunk);
  const int chunk_ms = static_cast<int>(kChunk * 1000 / options_.bytes_s);
  for (off_t at = 0;;) {
    while (options_.elsewhere && options_.elsewhere()) {
      if (!wait_ms(kLookAgainMs)) return fail(ErrorCode::unavailable, "stopping");
    }
    const ssize_t got = ::read(file->get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      return fail(ErrorCode::corrupt, "cannot read " + path.string() + ": " + std::strerror(errno));
    if (got == 0) return hash.finish();
    hash.add({chunk.data(), static_cast<std::size_t>(got)});
    // Nobody is helped when the page cache holds what was only looked at.
    (void)::posix_fadvise(file->get(), at, got, POSIX_FADV_DONTNEED);
    at += got;
    if (!wait_ms(chunk_ms)) return fail(ErrorCode::unavailable, "stopping");
  }
}

}  // namespace vitrine
