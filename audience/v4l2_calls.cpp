// The only file that calls the kernel for a camera.
#include "v4l2_calls.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>

namespace vitrine {
namespace {

class KernelV4l2 final : public V4l2Calls {
 public:
  KernelV4l2(FileDescriptor file, const Clock& clock) : file_(std::move(file)), clock_(clock) {}

  int control(unsigned long request, void* argument) override {
    for (;;) {
      if (::ioctl(file_.get(), request, argument) == 0) return 0;
      if (errno != EINTR) return errno;
    }
  }

  int wait(Micros until) override {
    const Micros left = std::clamp<Micros>(until - clock_.boottime(), 0, kMinute);
    pollfd entry{file_.get(), POLLIN, 0};
    // Rounded up, or the last millisecond would be spent asking again and again.
    const int got = ::poll(&entry, 1, static_cast<int>((left + kMillisecond - 1) / kMillisecond));
    if (got < 0) return errno == EINTR ? 0 : errno;
    return got > 0 && (entry.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0 ? ENODEV : 0;
  }

  int map(std::size_t bytes, std::uint32_t offset, const std::uint8_t*& at) override {
    // off_t has 32 bits on armhf, and a sign.
    void* mapped = ::mmap64(nullptr, bytes, PROT_READ, MAP_SHARED, file_.get(), off64_t{offset});
    if (mapped == MAP_FAILED) return errno;
    at = static_cast<const std::uint8_t*>(mapped);
    return 0;
  }
  void unmap(const std::uint8_t* at, std::size_t bytes) override {
    ::munmap(const_cast<std::uint8_t*>(at), bytes);  // NOLINT: the kernel's type
  }

 private:
  FileDescriptor file_;
  const Clock& clock_;
};

}  // namespace

OpenV4l2 kernel_v4l2(const Clock& clock) {
  return [&clock](const fs::path& device, std::unique_ptr<V4l2Calls>& calls) {
    FileDescriptor file(::open(device.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
    if (!file.open()) return errno;
    calls = std::make_unique<KernelV4l2>(std::move(file), clock);
    return 0;
  };
}

}  // namespace vitrine
