// Integer arithmetic that repeats on every CPU: no floating point where a decision or a bill
// depends on it.
#pragma once

#include <cstdint>
#include <limits>

namespace vitrine {

// "This column has no value", in rows, in the hash chain and on the wire.
inline constexpr std::int64_t kAbsent = std::numeric_limits<std::int64_t>::min();

// Rounds towards minus infinity (C++ division rounds towards zero). `divisor` > 0.
constexpr std::int64_t floor_div(std::int64_t value, std::int64_t divisor) {
  const std::int64_t quotient = value / divisor;
  return quotient - (value % divisor < 0 ? 1 : 0);
}

// a*b/c with a 128-bit product, rounded to nearest, halves up. All >= 0, c > 0, and the result
// fits. Spelt out in 64 bits: 32-bit ARM has no __int128.
constexpr std::int64_t mul_div_round(std::int64_t a, std::int64_t b, std::int64_t c) {
  constexpr std::uint64_t kHalf = 0xffff'ffff;
  const auto x = static_cast<std::uint64_t>(a);
  const auto y = static_cast<std::uint64_t>(b);
  const auto divisor = static_cast<std::uint64_t>(c);
  // The product by halves, schoolbook; then half the divisor on top, so that cutting off rounds.
  const std::uint64_t low = (x & kHalf) * (y & kHalf);
  const std::uint64_t middle = (x >> 32) * (y & kHalf) + (low >> 32);
  const std::uint64_t other = (x & kHalf) * (y >> 32) + (middle & kHalf);
  std::uint64_t rest = (x >> 32) * (y >> 32) + (middle >> 32) + (other >> 32);
  std::uint64_t digits = other << 32 | (low & kHalf);
  digits += divisor / 2;
  if (digits < divisor / 2) ++rest;
  // Long division, bit by bit: `rest` is below the divisor because the result fits, and stays so;
  // the quotient moves into `digits` as the product moves out.
  for (int bit = 0; bit < 64; ++bit) {
    rest = rest << 1 | digits >> 63;
    digits <<= 1;
    if (rest >= divisor) {
      rest -= divisor;
      digits |= 1;
    }
  }
  return static_cast<std::int64_t>(digits);
}

}  // namespace vitrine
