#include "shaper.hpp"

#include <doctest/doctest.h>

using namespace vitrine;
using namespace vitrine::testing;

namespace {

Bytes packet(std::size_t size, std::uint8_t mark = 0) {
  return Bytes(size, mark);
}

}  // namespace

TEST_CASE("a packet comes out after its time at the bottleneck and the delay, not before") {
  Shaper line(1);
  line.set({.bits_per_second = 1'000'000, .delay = 100 * kMillisecond});
  line.offer(packet(1250), 0);  // 10 ms at 1 Mbit/s
  line.offer(packet(1250), 0);
  REQUIRE(line.next() == 110 * kMillisecond);
  CHECK_FALSE(line.take(110 * kMillisecond - 1));
  CHECK(line.take(110 * kMillisecond));
  CHECK_FALSE(line.take(120 * kMillisecond - 1));
  CHECK(line.take(120 * kMillisecond));
  CHECK_FALSE(line.next());
}

TEST_CASE("a minute of packets at twice the rate brings the rate, and the queue drops the rest") {
  Shaper line(1);
  line.set({.bits_per_second = 1'000'000, .queue_bytes = 64 * 1024});
  for (Micros now = 0; now < kMinute; now += 5 * kMillisecond) {
    line.offer(packet(1250), now);
    while (line.take(now)) {
    }
  }
  CHECK(line.figures().bytes >= 7'400'000);
  CHECK(line.figures().bytes <= 7'500'000);
  CHECK(line.figures().overflow > 5'000);
}

TEST_CASE("so many in a thousand packets are lost, the same ones for the same seed") {
  const auto lost = [](std::uint64_t seed) {
    Shaper line(seed);
    line.set({.loss_permille = 20});
    std::vector<std::uint8_t> passed;
    for (int i = 0; i < 100'000; ++i) {
      line.offer(packet(1, static_cast<std::uint8_t>(i)), i);
      if (const auto out = line.take(i)) passed.push_back(out->front());
    }
    CHECK(line.figures().lost > 1'800);
    CHECK(line.figures().lost < 2'200);
    return passed;
  };
  CHECK(lost(7) == lost(7));
  CHECK(lost(7) != lost(8));
}

TEST_CASE("a cut takes what is on its way and lets nothing in until it is healed") {
  Shaper line(1);
  line.set({.delay = kSecond});
  line.offer(packet(10), 0);
  line.set({.delay = kSecond, .cut = true});
  line.offer(packet(10), 1);
  CHECK_FALSE(line.next());
  line.set({});
  line.offer(packet(10, 9), 2);
  const auto out = line.take(2);
  REQUIRE(out);
  CHECK(out->front() == 9);
  CHECK(line.figures().lost == 2);
}

TEST_CASE("a delay that becomes shorter lets no packet overtake another") {
  Shaper line(1);
  line.set({.delay = kSecond});
  line.offer(packet(10, 1), 0);
  line.set({});
  line.offer(packet(10, 2), 1);
  CHECK_FALSE(line.take(kSecond - 1));
  CHECK(line.take(kSecond)->front() == 1);
  CHECK(line.take(kSecond)->front() == 2);
}
