#include "proxy.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <stdexcept>
#include <string>

namespace vitrine::testing {
namespace {

using Clock = std::chrono::steady_clock;

// What one direction may hold back: beyond it the sender feels the other end's slowness.
constexpr std::size_t kMostHeld = 256 * 1024;
constexpr int kTurnMs = 5;  // while something is delayed or limited

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

void reset(int fd) {
  const linger hard{1, 0};  // RST instead of a polite end
  (void)::setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  ::close(fd);
}

struct Chunk {
  Clock::time_point due;
  std::string bytes;
};

// One direction: read from `from`, held, written to `to`.
struct Lane {
  int from = -1, to = -1;
  std::deque<Chunk> held;
  std::size_t held_bytes = 0;
  double allowance = 0;  // bytes that may go now under a limit
  Clock::time_point filled_at = Clock::now();
};

}  // namespace

struct Proxy::Pair {
  Lane up, down;
  std::uint64_t passed = 0;
  std::uint64_t cuts = 0;  // cuts_ when it began
};

Proxy::Proxy(int to_port) : to_port_(to_port) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0 || wake_ < 0)
    throw std::runtime_error("the proxy cannot listen");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { work(); });
}

Proxy::~Proxy() {
  stop_ = true;
  wake();
  thread_.join();
  for (const auto& pair : pairs_) {
    ::close(pair->up.from);
    ::close(pair->up.to);
  }
  ::close(listener_);
  ::close(wake_);
}

void Proxy::wake() const {
  const std::uint64_t one = 1;
  (void)!::write(wake_, &one, sizeof one);
}

void Proxy::cut() {
  ++cuts_;
  wake();
}
void Proxy::refuse(bool on) {
  refuse_ = on;
}
void Proxy::stall(bool on) {
  stall_ = on;
  wake();
}
void Proxy::stall_answers(bool on) {
  stall_answers_ = on;
  wake();
}
void Proxy::delay(std::chrono::milliseconds by) {
  delay_ms_ = by.count();
}
void Proxy::limit(std::uint64_t bytes_a_second) {
  limit_ = bytes_a_second;
  wake();
}
void Proxy::drop_after(std::uint64_t bytes) {
  drop_after_ = bytes;
}

// False: the connection is over.
bool Proxy::serve(Pair& pair, Clock::time_point now) {
  if (pair.cuts != cuts_) return false;
  for (Lane* lane : {&pair.up, &pair.down}) {
    const bool swallow = stall_ || (lane == &pair.down && stall_answers_);
    std::array<char, 16 * 1024> chunk;
    while (lane->held_bytes < kMostHeld) {
      const ssize_t got = ::recv(lane->from, chunk.data(), chunk.size(), MSG_DONTWAIT);
      if (got < 0 && (errno == EAGAIN || errno == EINTR)) break;
      // Half open: the end of one side does not reach the other.
      if (got <= 0) return false;
      if (swallow) continue;
      lane->held.push_back({now + std::chrono::milliseconds(delay_ms_),
                            std::string(chunk.data(), static_cast<std::size_t>(got))});
      lane->held_bytes += static_cast<std::size_t>(got);
    }
    const std::uint64_t rate = limit_;
    if (rate > 0) {
      const std::chrono::duration<double> passed = now - lane->filled_at;
      lane->allowance = std::min(lane->allowance + passed.count() * static_cast<double>(rate),
                                 static_cast<double>(rate) / 10 + 1);
    }
    lane->filled_at = now;
    while (!swallow && !lane->held.empty() && lane->held.front().due <= now) {
      std::string& bytes = lane->held.front().bytes;
      std::size_t most = bytes.size();
      if (rate > 0) most = std::min(most, static_cast<std::size_t>(lane->allowance));
      if (most == 0) break;
      const ssize_t put = ::send(lane->to, bytes.data(), most, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (put < 0 && (errno == EAGAIN || errno == EINTR)) break;
      if (put < 0) return false;
      const auto count = static_cast<std::size_t>(put);
      bytes_ += count;
      pair.passed += count;
      if (rate > 0) lane->allowance -= static_cast<double>(count);
      lane->held_bytes -= count;
      bytes.erase(0, count);
      if (bytes.empty()) lane->held.pop_front();
      if (drop_after_ > 0 && pair.passed >= drop_after_) return false;
    }
  }
  return true;
}

void Proxy::work() {
  while (!stop_) {
    std::vector<pollfd> waits{{listener_, POLLIN, 0}, {wake_, POLLIN, 0}};
    bool busy = false;
    for (const auto& pair : pairs_) {
      for (const Lane* lane : {&pair->up, &pair->down}) {
        busy = busy || !lane->held.empty();
        if (lane->held_bytes < kMostHeld) waits.push_back({lane->from, POLLIN, 0});
      }
    }
    (void)::poll(waits.data(), waits.size(), busy ? kTurnMs : 1000);
    std::uint64_t count = 0;
    (void)!::read(wake_, &count, sizeof count);
    for (;;) {
      const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) break;
      ++accepted_;
      const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const sockaddr_in address = loopback(to_port_);
      if (refuse_ ||
          ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        reset(client);
        ::close(server);
        continue;
      }
      auto pair = std::make_unique<Pair>();
      pair->up.from = pair->down.to = client;
      pair->up.to = pair->down.from = server;
      pair->cuts = cuts_;
      pairs_.push_back(std::move(pair));
    }
    const auto now = Clock::now();
    std::erase_if(pairs_, [&](const auto& pair) {
      if (serve(*pair, now)) return false;
      reset(pair->up.from);
      reset(pair->up.to);
      return true;
    });
  }
}

}  // namespace vitrine::testing
