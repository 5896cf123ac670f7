#include "platform/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>

namespace vitrine {

Result<FileLock> FileLock::take(const fs::path& path) {
  FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0644));
  const auto failed = [&](ErrorCode code) {
    return fail(code, "cannot lock " + path.string() + ": " + std::strerror(errno));
  };
  if (!fd.open()) return failed(ErrorCode::unavailable);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0)
    return failed(errno == EWOULDBLOCK ? ErrorCode::conflict : ErrorCode::unavailable);
  return FileLock(std::move(fd));
}

bool is_locked(const fs::path& path) {
  const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  // Shared, so that two who ask at once do not take each other for the holder.
  return fd.open() && ::flock(fd.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

}  // namespace vitrine
