// Rows are described once, as a list of named columns in table order. Everything that walks a row -
// the SQL tables, the hash chain, the wire codec, the store - walks this list, so a new column
// appears everywhere or nowhere.
//
// A row type provides, found by argument lookup:
//     template <class R, class F> void for_each_column(R& row, F&& f);   // f(name, member)
// with members of type int64_t, an unsigned integer, an enum, or Hash256.
#pragma once

#include <concepts>
#include <cstdint>
#include <type_traits>

#include "base/bytes.hpp"
#include "base/math.hpp"

namespace vitrine {

template <class T>
inline constexpr bool is_hash_column = std::is_same_v<std::remove_const_t<T>, Hash256>;

// Integers of every width and enums travel as int64 bit patterns (a 64-bit log id may come out
// negative).
template <class T>
requires(std::integral<T> || std::is_enum_v<T>) constexpr std::int64_t column_value(T member) {
  return static_cast<std::int64_t>(member);
}

template <class T>
requires(std::integral<T> || std::is_enum_v<T>) constexpr void set_column(T& member,
                                                                          std::int64_t value) {
  member = static_cast<T>(value);
}

}  // namespace vitrine
