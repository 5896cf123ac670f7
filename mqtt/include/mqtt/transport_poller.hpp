// Many links in one thread: waits for all their sockets at once (epoll) and serves those that have
// something. libmosquitto's own loop ends at descriptor 1024, and a poll() over thousands of
// sockets would look at each of them for the few that are ready.
//
// Threads: one, the same as that of the links. Every handler of a link runs inside poll().
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "mqtt/transport.hpp"
#include "platform/file.hpp"

namespace vitrine {

class TransportPoller {
 public:
  // `wake_fd` (or -1) ends a wait early while it is readable.
  static Result<std::unique_ptr<TransportPoller>> open(int wake_fd = -1);
  // The links hold the address of this object.
  TransportPoller(const TransportPoller&) = delete;
  TransportPoller& operator=(const TransportPoller&) = delete;

  // Takes the link's on_change(). Poller and links are used together or not at all: neither may be
  // called again once the other is gone.
  void add(PolledTransport& link);
  // Waits up to `timeout`, then serves the links that are ready or due.
  void poll(Micros timeout);

 private:
  struct Watched {
    PolledTransport* link = nullptr;
    int socket = -1;              // in the set; -1: none
    std::uint32_t waits_for = 0;  // as the kernel was told
    bool changed = false;
  };
  explicit TransportPoller(FileDescriptor epoll) : epoll_(std::move(epoll)) {}
  void note_change(Watched& watched);
  void renew(Watched& watched);
  void serve(Watched& watched, short ready);

  FileDescriptor epoll_;
  std::deque<Watched> watched_;    // never moves: the kernel and the links hold addresses
  std::vector<Watched*> changed_;  // to be looked at before the next wait
  Micros all_served_at_ = 0;       // on the steady clock
};

}  // namespace vitrine
