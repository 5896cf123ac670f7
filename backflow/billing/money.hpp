// Sums of money that lose nothing: 10^-12 of a currency's unit, carried into millionths so that a
// year of a network fits. A 64-bit sum of 10^-12 ends at 9.2 million.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "base/math.hpp"

namespace vitrine::billing {

inline constexpr std::int64_t kPicoInMicro = 1'000'000;

class Money {
 public:
  Money() = default;
  explicit Money(std::int64_t pico) { add(pico); }
  Money(std::int64_t micro, std::int64_t pico) : micro_(micro) { add(pico); }

  void add(std::int64_t pico) {
    micro_ += floor_div(pico, kPicoInMicro);
    pico_ += pico - floor_div(pico, kPicoInMicro) * kPicoInMicro;
    if (pico_ >= kPicoInMicro) {
      pico_ -= kPicoInMicro;
      ++micro_;
    }
  }
  void add(const Money& other) {
    micro_ += other.micro_;
    add(other.pico_);
  }

  // The amount is micro() millionths and pico() (0..999999) of their millionths, also below zero.
  std::int64_t micro() const { return micro_; }
  std::int64_t pico() const { return pico_; }
  auto operator<=>(const Money&) const = default;

  // "0.075750000000": every digit, so equal amounts are equal texts.
  std::string text() const {
    const bool negative = micro_ < 0;
    const std::int64_t rest = negative && pico_ != 0 ? kPicoInMicro - pico_ : pico_;
    const std::int64_t whole = negative ? -(micro_ + (pico_ != 0 ? 1 : 0)) : micro_;
    const auto digits = [](std::int64_t value) {
      std::string figures = std::to_string(value);
      return std::string(6 - figures.size(), '0') + figures;
    };
    return (negative ? "-" : "") + std::to_string(whole / 1'000'000) + "." +
           digits(whole % 1'000'000) + digits(rest);
  }

 private:
  std::int64_t micro_ = 0;
  std::int64_t pico_ = 0;
};

// The product of a price and a count in 10^-12; nullopt when it does not fit. Both >= 0.
inline std::optional<std::int64_t> exact_product(std::int64_t a, std::int64_t b) {
  const Product product = multiply(a, b);
  if (product.high != 0 || product.low > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
  return static_cast<std::int64_t>(product.low);
}

}  // namespace vitrine::billing
