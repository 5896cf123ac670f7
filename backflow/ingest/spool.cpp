#include "backflow/spool.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "ingest/spool_record.hpp"
#include "platform/log.hpp"

namespace vitrine {
namespace {

Error system_error(std::string_view doing, const fs::path& path) {
  return fail(ErrorCode::unavailable,
              std::string(doing) + " " + path.string() + ": " + std::strerror(errno));
}

Result<std::uint64_t> size_of(int fd, const fs::path& path) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return system_error("cannot stat", path);
  return static_cast<std::uint64_t>(info.st_size);
}

// The end of the last whole record of the last segment.
Result<std::uint64_t> whole_size(const fs::path& directory, std::uint64_t segment) {
  SpoolReader reader(directory, {segment, 0});
  for (;;) {
    auto entry = reader.next();
    if (!entry) return std::move(entry).error();
    if (!*entry) return reader.position().offset;
  }
}

// What is cut off was never acked, but it may be what is left of a damaged disk: it is kept as
// evidence.
Status cut(int fd, const fs::path& path, std::uint64_t keep, std::uint64_t have) {
  auto body = read_file(path, Spool::kSegmentBytes * 2);
  if (!body) return std::move(body).error();
  fs::path torn = path;
  torn.replace_extension(".torn");
  if (auto kept = write_atomic(torn, ByteView(*body).subspan(keep)); !kept) return kept;
  if (::ftruncate(fd, static_cast<off_t>(keep)) != 0) return system_error("cannot truncate", path);
  if (::fsync(fd) != 0) return system_error("cannot fsync", path);
  log_warn("{}: cut a torn record of {} bytes off the end; it was never acknowledged",
           path.string(), have - keep);
  return ok();
}

}  // namespace

Result<Spool> Spool::open(const fs::path& directory, std::uint64_t segment_bytes) {
  if (auto made = make_directories(directory); !made) return std::move(made).error();
  Spool spool;
  spool.directory_ = directory;
  spool.segment_bytes_ = segment_bytes;
  const auto segments = spool_segments(directory);
  if (segments.empty()) {
    if (auto started = spool.start_segment(1); !started) return std::move(started).error();
    return spool;
  }
  const fs::path path = spool_segment_path(directory, segments.back());
  auto file = open_append(path);
  if (!file) return std::move(file).error();
  auto have = size_of(file->get(), path);
  if (!have) return std::move(have).error();
  auto whole = whole_size(directory, segments.back());
  if (!whole) return std::move(whole).error();
  if (*whole < *have) {
    if (auto done = cut(file->get(), path, *whole, *have); !done) return std::move(done).error();
  }
  spool.file_ = *std::move(file);
  spool.segment_ = segments.back();
  spool.size_ = *whole;
  // A record that was written but not synced before a kill is whole and is now told apart by
  // nobody: it counts, so it has to be durable before anything is acked because of it.
  spool.dirty_ = true;
  if (auto synced = spool.sync(); !synced) return std::move(synced).error();
  return spool;
}

Status Spool::start_segment(std::uint64_t number) {
  const fs::path path = spool_segment_path(directory_, number);
  auto file = open_append(path);
  if (!file) return std::move(file).error();
  if (auto synced = sync_directory(directory_); !synced) return synced;
  file_ = *std::move(file);
  segment_ = number;
  size_ = 0;
  return ok();
}

Result<SpoolPosition> Spool::append(const SpoolRecord& record) {
  if (size_ >= segment_bytes_) {
    // The old segment must be durable before its successor says that it is complete.
    if (auto synced = sync(); !synced) return std::move(synced).error();
    if (auto started = start_segment(segment_ + 1); !started) return std::move(started).error();
  }
  const Bytes bytes = spool_record_bytes(record);
  const fs::path path = spool_segment_path(directory_, segment_);
  if (auto written = write_all(file_.get(), bytes, path); !written) {
    if (::ftruncate(file_.get(), static_cast<off_t>(size_)) != 0)
      return system_error("cannot truncate", path);
    return std::move(written).error();
  }
  const SpoolPosition at{segment_, size_};
  size_ += bytes.size();
  dirty_ = true;
  return at;
}

Status Spool::sync() {
  if (!dirty_) return ok();
  if (auto synced = sync_data(file_.get(), spool_segment_path(directory_, segment_)); !synced)
    return synced;
  dirty_ = false;
  return ok();
}

}  // namespace vitrine
