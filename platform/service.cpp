#include "platform/service.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace vitrine {

void notify_ready() {
  sd_notify(0, "READY=1");
}
void notify_stopping() {
  sd_notify(0, "STOPPING=1");
}
void notify_watchdog() {
  sd_notify(0, "WATCHDOG=1");
}

void keep_descriptor(const char* name, int fd) {
  const std::string named = std::string("\nFDNAME=") + name;
  sd_notify(0, ("FDSTOREREMOVE=1" + named).c_str());
  // Without FDPOLL=0 the supervisor would let go of a descriptor that reports an error.
  sd_pid_notify_with_fds(0, 0, ("FDSTORE=1" + named + "\nFDPOLL=0").c_str(), &fd, 1);
}

FileDescriptor take_kept_descriptor(const char* name) {
  char** names = nullptr;
  const int count = sd_listen_fds_with_names(1, &names);  // its number is soon somebody else's
  FileDescriptor found;
  for (int i = 0; i < count && names != nullptr; ++i) {
    if (name == std::string(names[i]) && !found.open()) {
      found = FileDescriptor(SD_LISTEN_FDS_START + i);
    }
    std::free(names[i]);
  }
  std::free(names);
  return found;
}

StopSignal::StopSignal() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  fd_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  signal(SIGPIPE, SIG_IGN);
}

StopSignal::~StopSignal() {
  if (fd_ >= 0) ::close(fd_);
}

bool StopSignal::raised() const {
  // The signal is left unread in the descriptor: the answer stays true for every later caller and
  // every thread.
  pollfd entry{fd_, POLLIN, 0};
  return ::poll(&entry, 1, 0) > 0;
}

void turn_until_stopped(const StopSignal& stop, Micros period, const std::function<void()>& turn) {
  notify_ready();
  while (!stop.raised()) {
    pollfd wait{stop.fd(), POLLIN, 0};
    (void)::poll(&wait, 1, static_cast<int>(period / kMillisecond));
    if (turn) turn();
    notify_watchdog();
  }
  notify_stopping();
}

}  // namespace vitrine
