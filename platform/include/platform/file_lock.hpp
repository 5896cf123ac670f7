// A claim that ends with its process, however that ends: flock(2) on a file that stays.
#pragma once

#include "platform/file.hpp"

namespace vitrine {

class FileLock {
 public:
  // Creates the file when absent (0644, so that others may ask). `conflict`: somebody else has it.
  static Result<FileLock> take(const fs::path& path);

 private:
  explicit FileLock(FileDescriptor fd) : fd_(std::move(fd)) {}
  FileDescriptor fd_;
};

// Whether somebody has it, this process included. Never takes it for longer than the question, and
// needs only to read the file; one that is not there or cannot be read is held by nobody.
bool is_locked(const fs::path& path);

}  // namespace vitrine
