// Text and figures as they may stand in a page.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace vitrine::report {

// Safe between tags and in quoted attributes, whatever it holds: markup becomes text, control
// characters become spaces, and bytes that are no UTF-8 become U+FFFD.
std::string escaped(std::string_view text);

// For an img's src: the picture itself, whatever its bytes are.
std::string jpeg_address(ByteView jpeg);

std::string grouped(std::int64_t value);  // 1234567 -> "1 234 567", by narrow no-break spaces
// Thousandths as whole units, rounded to nearest, grouped: 1234567 -> "1 235". Below 10 units with
// a decimal: 1234 -> "1.2".
std::string from_milli(std::int64_t milli);
// Part of whole in permille as "12.3 %"; "-" when there is no whole.
std::string percent(std::int64_t part, std::int64_t whole);
// Millionths of a currency: "1 234.50 EUR".
std::string money(std::int64_t micro, std::string_view currency);
// 3725 -> "1 h 2 min".
std::string duration(std::int64_t seconds);
// Days since 1970 -> "2026-11-21"; 0 -> "unknown day".
std::string day_text(std::int64_t day);

}  // namespace vitrine::report
