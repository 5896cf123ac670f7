#include "tun.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace vitrine::testing {
namespace {

Error failed(const std::string& what) {
  return fail(ErrorCode::unavailable, what + ": " + std::strerror(errno));
}

Status set_address(int socket, ifreq request, unsigned long which, const std::string& text) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  if (inet_pton(AF_INET, text.c_str(), &address.sin_addr) != 1) {
    return fail(ErrorCode::invalid, "'" + text + "' is no IPv4 address");
  }
  std::memcpy(&request.ifr_addr, &address, sizeof(address));
  if (ioctl(socket, which, &request) != 0) return failed("cannot give an interface " + text);
  return ok();
}

Status bring_up(int socket, ifreq request) {
  if (ioctl(socket, SIOCGIFFLAGS, &request) != 0) return failed("cannot read interface flags");
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP | IFF_RUNNING);
  if (ioctl(socket, SIOCSIFFLAGS, &request) != 0) return failed("cannot bring an interface up");
  return ok();
}

}  // namespace

Result<FileDescriptor> open_tun(const std::string& address, const std::string& peer) {
  FileDescriptor device(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (device.get() < 0) return failed("cannot open /dev/net/tun");
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  std::strncpy(request.ifr_name, "vitrine%d", IFNAMSIZ - 1);
  if (ioctl(device.get(), TUNSETIFF, &request) != 0) return failed("cannot make a TUN device");
  const FileDescriptor control(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (control.get() < 0) return failed("cannot open a socket");
  for (const auto& [which, text] :
       {std::pair<unsigned long, std::string>{SIOCSIFADDR, address}, {SIOCSIFDSTADDR, peer}}) {
    if (auto set = set_address(control.get(), request, which, text); !set) {
      return std::move(set).error();
    }
  }
  if (auto up = bring_up(control.get(), request); !up) return std::move(up).error();
  return device;
}

Status enter_empty_network() {
  if (unshare(CLONE_NEWNET) != 0) return failed("cannot make a network namespace");
  const FileDescriptor control(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (control.get() < 0) return failed("cannot open a socket");
  ifreq request{};
  std::strncpy(request.ifr_name, "lo", IFNAMSIZ - 1);
  return bring_up(control.get(), request);
}

}  // namespace vitrine::testing
