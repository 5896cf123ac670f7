// The daemon as it must not be, to show that the tests beside this would notice: its memory is left
// open, and where VITRINE_TEST_LEAK names a file it writes there and asks for an internet socket.
// Linked before the platform's own, which it so replaces; the daemon itself has no such switch.
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "platform/private_memory.hpp"

namespace vitrine {

Status keep_memory_private() {
  if (const char* leak = std::getenv("VITRINE_TEST_LEAK")) {
    std::ofstream(leak) << "a picture";
    const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
    if (fd >= 0) ::close(fd);
  }
  return ok();
}

}  // namespace vitrine
