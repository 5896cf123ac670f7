#include "reach.hpp"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "platform/file.hpp"

namespace vitrine {
namespace {

struct AddressDeleter {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

int try_address(const addrinfo& address, int limit_ms) {
  const FileDescriptor socket(
      ::socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.open()) return errno;
  if (::connect(socket.get(), address.ai_addr, address.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  pollfd wait{socket.get(), POLLOUT, 0};
  if (::poll(&wait, 1, limit_ms) <= 0) return ETIMEDOUT;
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

}  // namespace

Status reach(const std::string& host, int port, int limit_ms) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string where = host + ":" + std::to_string(port);
  if (const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
      code != 0) {
    return fail(ErrorCode::unavailable, "cannot resolve " + where + ": " + ::gai_strerror(code));
  }
  const std::unique_ptr<addrinfo, AddressDeleter> list(found);
  int error = ECONNREFUSED;
  for (const addrinfo* address = list.get(); address != nullptr; address = address->ai_next) {
    error = try_address(*address, limit_ms);
    if (error == 0) return ok();
  }
  return fail(ErrorCode::unavailable, "cannot reach " + where + ": " + std::strerror(error));
}

}  // namespace vitrine
