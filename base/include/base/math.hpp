// Integer arithmetic that repeats on every CPU: no floating point where a decision or a bill
// depends on it.
#pragma once

#include <compare>
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

// A product of two 64-bit numbers, exact, to be compared with others. Spelt out in 64 bits: 32-bit
// ARM has no __int128.
struct Product {
  std::int64_t high = 0;
  std::uint64_t low = 0;
  friend constexpr auto operator<=>(const Product&, const Product&) = default;
};
constexpr Product multiply(std::int64_t a, std::int64_t b) {
  constexpr std::uint64_t kHalf = 0xffff'ffff;
  const auto x = static_cast<std::uint64_t>(a);
  const auto y = static_cast<std::uint64_t>(b);
  // By halves, schoolbook, as if both were unsigned.
  const std::uint64_t low = (x & kHalf) * (y & kHalf);
  const std::uint64_t middle = (x >> 32) * (y & kHalf) + (low >> 32);
  const std::uint64_t other = (x & kHalf) * (y >> 32) + (middle & kHalf);
  std::uint64_t high = (x >> 32) * (y >> 32) + (middle >> 32) + (other >> 32);
  // A negative factor was taken for 2^64 more than it is.
  if (a < 0) high -= y;
  if (b < 0) high -= x;
  return {static_cast<std::int64_t>(high), other << 32 | (low & kHalf)};
}

// (a*b + more)/c, cut off. All >= 0, c > 0, and the result fits.
constexpr std::int64_t mul_add_div(std::int64_t a, std::int64_t b, std::int64_t more,
                                   std::int64_t c) {
  const auto divisor = static_cast<std::uint64_t>(c);
  const Product product = multiply(a, b);
  std::uint64_t digits = product.low + static_cast<std::uint64_t>(more);
  auto rest = static_cast<std::uint64_t>(product.high) + (digits < product.low ? 1 : 0);
  if (rest == 0) return static_cast<std::int64_t>(digits / divisor);
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

// a*b/c, cut off or rounded to nearest, halves up. As above.
constexpr std::int64_t mul_div(std::int64_t a, std::int64_t b, std::int64_t c) {
  return mul_add_div(a, b, 0, c);
}
constexpr std::int64_t mul_div_round(std::int64_t a, std::int64_t b, std::int64_t c) {
  return mul_add_div(a, b, c / 2, c);
}

}  // namespace vitrine
