// One direction of an emulated line: a bottleneck with a queue, then a fixed delay, and chance.
// Pure: packets and the time go in, packets come out when they are due; nothing here reads a clock.
// One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace vitrine::testing {

struct LineSettings {
  std::int64_t bits_per_second = 0;      // 0 = as fast as the machine
  Micros delay = 0;                      // one way, after the bottleneck
  int loss_permille = 0;                 // of packets, drawn one by one
  bool cut = false;                      // nothing passes; what was on its way is gone
  std::size_t queue_bytes = 128 * 1024;  // more waiting at the bottleneck than this is dropped
};

// Of IP packets whole, headers included.
struct LineFigures {
  std::uint64_t packets = 0;  // let through
  std::uint64_t bytes = 0;
  std::uint64_t lost = 0;      // by chance or by a cut
  std::uint64_t overflow = 0;  // the queue was full
};

class Shaper {
 public:
  explicit Shaper(std::uint64_t seed) : chance_(seed) {}

  // Holds for what is offered from now on; only a cut reaches what is on its way.
  void set(const LineSettings& settings);
  const LineSettings& settings() const { return settings_; }

  void offer(Bytes packet, Micros now);
  std::optional<Micros> next() const;     // when the first packet comes out
  std::optional<Bytes> take(Micros now);  // the first one that is due, in the order offered

  const LineFigures& figures() const { return figures_; }

 private:
  struct OnItsWay {
    Bytes packet;
    Micros sent;  // leaves the bottleneck
    Micros due;   // arrives
  };
  std::size_t waiting(Micros now) const;

  LineSettings settings_;
  std::mt19937_64 chance_;
  std::deque<OnItsWay> way_;
  Micros free_at_ = 0;  // when the bottleneck has sent everything
  LineFigures figures_;
};

}  // namespace vitrine::testing
