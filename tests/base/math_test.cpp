#include "base/math.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "random.hpp"

using namespace vitrine;

namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

// Numbers of every length.
class Numbers {
 public:
  std::int64_t next() {
    const std::uint64_t drawn = random_.next();
    return static_cast<std::int64_t>(drawn >> 1 >> (drawn & 63) % 63);
  }

 private:
  testing::Random random_{1};
};

}  // namespace

TEST_CASE("a product that needs 128 bits is divided exactly, halves up") {
  CHECK(mul_div_round(kMost, kMost, kMost) == kMost);
  CHECK(mul_div_round(kMost, 1, 1) == kMost);
  CHECK(mul_div_round(kMost, 2, 4) == kMost / 2 + 1);  // ends in a half
  CHECK(mul_div_round(0, kMost, kMost) == 0);
  CHECK(mul_div_round(7, 1, 2) == 4);
  CHECK(mul_div_round(7, 1, 3) == 2);
  CHECK(mul_div(7, 1, 2) == 3);
  CHECK(mul_div(kMost, kMost - 1, kMost) == kMost - 1);
  CHECK(mul_div_round(0xffff'ffff, 0xffff'ffff, 0xffff'ffff) == 0xffff'ffff);
}

TEST_CASE("products are ordered as the numbers they stand for, signs and all") {
  const std::int64_t factors[] = {-kMost - 1, -kMost, -0x1'0000'0000, -7,        -1,   0,
                                  1,          7,      0xffff'ffff,    kMost / 3, kMost};
  CHECK(multiply(-1, 1) == Product{-1, ~0ULL});
  CHECK(multiply(kMost, kMost) == Product{kMost / 2, 1});
  for (const std::int64_t a : factors) {
    for (const std::int64_t b : factors) {
      CHECK((multiply(a, 1) < multiply(b, 1)) == (a < b));
      CHECK(multiply(a, b) == multiply(b, a));
#ifdef __SIZEOF_INT128__
      __extension__ using Wide = __int128;
      const Wide exact = static_cast<Wide>(a) * b;
      CHECK(multiply(a, b) ==
            Product{static_cast<std::int64_t>(exact >> 64), static_cast<std::uint64_t>(exact)});
#endif
    }
  }
}

TEST_CASE("products and quotients of every length are the same on every CPU") {
  Numbers numbers;
  std::uint64_t sum = 0;
  int fitting = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::int64_t a = numbers.next();
    const std::int64_t b = numbers.next();
    const std::int64_t c = numbers.next() | 1;
    // Surely fits: a/c below 2^n and b below 2^(63-n).
    if (static_cast<double>(a) / static_cast<double>(c) * static_cast<double>(b) > 4e18) continue;
    ++fitting;
    const std::int64_t result = mul_div_round(a, b, c);
    sum = sum * 31 + static_cast<std::uint64_t>(result);
#ifdef __SIZEOF_INT128__
    __extension__ using Wide = __int128;
    const auto expected = static_cast<std::int64_t>((static_cast<Wide>(a) * b + c / 2) / c);
    REQUIRE_MESSAGE(result == expected, a << " * " << b << " / " << c);
    REQUIRE(mul_div(a, b, c) == static_cast<std::int64_t>(static_cast<Wide>(a) * b / c));
#endif
  }
  CHECK(fitting > 10'000);
  CHECK(sum == 15'945'163'668'489'126'505u);  // of the exact results above
}
