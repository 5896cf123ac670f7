#include "mqtt/transport_poller.hpp"

#include <poll.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

namespace vitrine {
namespace {

// Keepalive and time-outs of every link are looked after this often.
constexpr Micros kServeAllEvery = kSecond;
constexpr int kMostReady = 256;

Micros steady_now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

short poll_bits(std::uint32_t events) {
  int bits = 0;
  if ((events & EPOLLIN) != 0) bits |= POLLIN;
  if ((events & EPOLLOUT) != 0) bits |= POLLOUT;
  if ((events & EPOLLHUP) != 0) bits |= POLLHUP;
  if ((events & EPOLLERR) != 0) bits |= POLLERR;
  return static_cast<short>(bits);
}

}  // namespace

Result<std::unique_ptr<TransportPoller>> TransportPoller::open(int wake_fd) {
  FileDescriptor epoll(::epoll_create1(EPOLL_CLOEXEC));
  epoll_event wake{};
  wake.events = EPOLLIN;
  if (!epoll.open() ||
      (wake_fd >= 0 && ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, wake_fd, &wake) != 0)) {
    return fail(ErrorCode::unavailable, std::string("cannot wait by epoll: ") + strerror(errno));
  }
  return std::unique_ptr<TransportPoller>(new TransportPoller(std::move(epoll)));
}

void TransportPoller::add(PolledTransport& link) {
  Watched& watched = watched_.emplace_back();
  watched.link = &link;
  link.on_change([this, &watched] { note_change(watched); });
  note_change(watched);
}

void TransportPoller::note_change(Watched& watched) {
  // A closed socket left the set by itself, and its number may belong to another link in a moment:
  // it is forgotten at once and never taken out by number.
  if (watched.link->socket() < 0) watched.socket = -1;
  if (!std::exchange(watched.changed, true)) changed_.push_back(&watched);
}

void TransportPoller::renew(Watched& watched) {
  watched.changed = false;
  const int socket = watched.link->socket();
  if (socket < 0) return;
  epoll_event event{};
  event.events = watched.link->wants_write() ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.ptr = &watched;
  if (socket == watched.socket && event.events == watched.waits_for) return;
  const int what = socket == watched.socket ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  // Fails only for want of memory or of watches; the link is served once a second all the same.
  if (::epoll_ctl(epoll_.get(), what, socket, &event) != 0) return;
  watched.socket = socket;
  watched.waits_for = event.events;
}

void TransportPoller::serve(Watched& watched, short ready) {
  watched.link->serve(ready);
  note_change(watched);
}

void TransportPoller::poll(Micros timeout) {
  std::vector<Watched*> due;
  for (Watched* watched : std::exchange(changed_, {})) {
    renew(*watched);
    if (watched->link->has_events()) due.push_back(watched);
  }
  const Micros left = std::max<Micros>(0, all_served_at_ + kServeAllEvery - steady_now());
  const Micros wait = due.empty() ? std::clamp<Micros>(timeout, 0, left) : 0;
  std::array<epoll_event, kMostReady> events;
  const int ready = ::epoll_wait(epoll_.get(), events.data(), kMostReady,
                                 static_cast<int>((wait + kMillisecond - 1) / kMillisecond));
  for (int i = 0; i < ready; ++i) {
    // The wake descriptor has no link.
    auto* watched = static_cast<Watched*>(events[static_cast<std::size_t>(i)].data.ptr);
    if (watched != nullptr) serve(*watched, poll_bits(events[static_cast<std::size_t>(i)].events));
  }
  for (Watched* watched : due) serve(*watched, 0);
  if (steady_now() - all_served_at_ < kServeAllEvery) return;
  all_served_at_ = steady_now();
  for (Watched& watched : watched_) serve(watched, 0);
}

}  // namespace vitrine
