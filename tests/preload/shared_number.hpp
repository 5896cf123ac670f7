// An int64 in a file, read by every process that is to feel it and changed by the test while they
// run.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

namespace vitrine::testing {

class SharedNumber {
 public:
  // The file is named by an environment variable; without one the number is 0 for ever.
  explicit SharedNumber(const char* variable) {
    const char* path = std::getenv(variable);
    if (path == nullptr) return;
    const int file = ::open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    void* mapped = ::mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, file, 0);
    ::close(file);
    if (mapped != MAP_FAILED) number_ = static_cast<const volatile std::int64_t*>(mapped);
  }
  std::int64_t get() const { return number_ == nullptr ? 0 : *number_; }

 private:
  const volatile std::int64_t* number_ = nullptr;
};

}  // namespace vitrine::testing
