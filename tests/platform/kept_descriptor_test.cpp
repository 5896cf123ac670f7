#include <doctest/doctest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

#include "platform/service.hpp"
#include "temp_directory.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

// What a supervisor hears on its socket.
class Supervisor {
 public:
  explicit Supervisor(const fs::path& path) : socket_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(path.string().size() < sizeof address.sun_path);
    std::strcpy(address.sun_path, path.c_str());
    REQUIRE(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  ~Supervisor() { ::unsetenv("NOTIFY_SOCKET"); }

  struct Heard {
    std::string text;
    FileDescriptor with;
  };
  std::optional<Heard> next() const {
    char text[512], control[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(ucred))];
    iovec part{text, sizeof text};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t got = ::recvmsg(socket_.get(), &message, MSG_DONTWAIT);
    if (got < 0) return std::nullopt;
    Heard heard{std::string(text, static_cast<std::size_t>(got)), {}};
    for (cmsghdr* head = CMSG_FIRSTHDR(&message); head != nullptr;
         head = CMSG_NXTHDR(&message, head)) {
      if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(head), sizeof fd);
      heard.with = FileDescriptor(fd);
    }
    return heard;
  }

 private:
  FileDescriptor socket_;
};

ino_t inode(int fd) {
  struct ::stat is {};
  REQUIRE(::fstat(fd, &is) == 0);
  return is.st_ino;
}

}  // namespace

TEST_CASE("a descriptor is given to the supervisor's store once, in place of the one before") {
  const TempDirectory directory;
  const Supervisor supervisor(directory.path() / "notify");
  const FileDescriptor display(::memfd_create("display", MFD_CLOEXEC));
  keep_descriptor("vitrine-display", display.get());
  const auto removed = supervisor.next();
  REQUIRE(removed);
  CHECK(removed->text == "FDSTOREREMOVE=1\nFDNAME=vitrine-display");
  CHECK_FALSE(removed->with.open());
  const auto kept = supervisor.next();
  REQUIRE(kept);
  CHECK(kept->text == "FDSTORE=1\nFDNAME=vitrine-display\nFDPOLL=0");
  REQUIRE(kept->with.open());
  CHECK(inode(kept->with.get()) == inode(display.get()));
  CHECK_FALSE(supervisor.next());
}

TEST_CASE("without a supervisor nothing is kept and nothing is found") {
  const FileDescriptor display(::memfd_create("display", MFD_CLOEXEC));
  keep_descriptor("vitrine-display", display.get());
  CHECK_FALSE(take_kept_descriptor("vitrine-display").open());
}

TEST_CASE("what was kept is found by its name at the next start") {
  const FileDescriptor display(::memfd_create("display", MFD_CLOEXEC));
  const ino_t wanted = inode(display.get());
  // In a process of its own, as the descriptors begin at 3 and belong to one process id.
  const pid_t child = ::fork();
  if (child == 0) {
    if (::dup2(display.get(), 4) != 4 || ::dup2(STDERR_FILENO, 3) != 3) ::_exit(10);
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    ::setenv("LISTEN_FDS", "2", 1);
    ::setenv("LISTEN_FDNAMES", "another:vitrine-display", 1);
    const FileDescriptor found = take_kept_descriptor("vitrine-display");
    const FileDescriptor none = take_kept_descriptor("vitrine-display");
    struct ::stat is {};
    if (!found.open() || ::fstat(found.get(), &is) != 0) ::_exit(11);
    ::_exit(is.st_ino == wanted && !none.open() ? 0 : 12);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
