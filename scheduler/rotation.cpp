#include "rotation.hpp"

#include <numeric>

#include "base/math.hpp"

namespace vitrine {
namespace {

// Of the first n turns, those of a part of the whole, rounded to nearest, halves up.
std::int64_t turns_of(std::int64_t part, std::int64_t whole, std::int64_t n) {
  return mul_div_round(n, part, whole);
}

}  // namespace

std::size_t rotation(std::span<const std::int64_t> weights, std::int64_t n) {
  std::size_t first = 0;
  std::size_t count = weights.size();
  std::int64_t whole = std::accumulate(weights.begin(), weights.end(), std::int64_t{0});
  if (whole == 0) return static_cast<std::size_t>(n) % count;
  while (count > 1) {
    // The shortest left part that holds at least half.
    std::size_t left = 1;
    std::int64_t part = weights[first];
    while (left + 1 < count && 2 * part < whole) part += weights[first + left++];
    const std::int64_t before = turns_of(part, whole, n);
    if (part == whole || turns_of(part, whole, n + 1) > before) {
      count = left;
      whole = part;
      n = before;
    } else {
      first += left;
      count -= left;
      whole -= part;
      n -= before;
    }
  }
  return first;
}

}  // namespace vitrine
