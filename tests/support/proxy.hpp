// A TCP proxy on loopback that spoils a connection as networks do, on a thread of its own. What it
// does now is set by the test at any time and holds for all connections.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace vitrine::testing {

class Proxy {
 public:
  explicit Proxy(int to_port);
  ~Proxy();
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  int port() const { return port_; }

  void cut();                   // closes every connection with a reset; new ones are taken
  void refuse(bool on);         // takes and resets new connections at once
  void stall(bool on);          // half open: bytes are taken and go nowhere, nobody is told
  void stall_answers(bool on);  // the same for what comes back: asked, heard, never answered
  void delay(std::chrono::milliseconds by);  // each byte arrives so much later
  void limit(std::uint64_t bytes_a_second);  // 0: none
  // Resets a connection once so many bytes went through it, both ways together; 0: never.
  void drop_after(std::uint64_t bytes);

  std::uint64_t connections() const { return accepted_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  struct Pair;
  void work();
  bool serve(Pair& pair, std::chrono::steady_clock::time_point now);
  void wake() const;

  int to_port_;
  int listener_ = -1, wake_ = -1, port_ = 0;
  std::atomic<bool> stop_ = false, refuse_ = false, stall_ = false, stall_answers_ = false;
  std::atomic<std::uint64_t> cuts_ = 0, limit_ = 0, drop_after_ = 0, accepted_ = 0, bytes_ = 0;
  std::atomic<std::int64_t> delay_ms_ = 0;
  std::vector<std::unique_ptr<Pair>> pairs_;  // the thread's own
  std::thread thread_;
};

}  // namespace vitrine::testing
