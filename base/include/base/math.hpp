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
// fits.
constexpr std::int64_t mul_div_round(std::int64_t a, std::int64_t b, std::int64_t c) {
  __extension__ using Wide = __int128;  // GCC and clang on every platform we build for
  return static_cast<std::int64_t>((static_cast<Wide>(a) * b + c / 2) / c);
}

}  // namespace vitrine
