// One list of members for each type, used for reading and for writing, so that the two cannot drift
// apart:
//
//     template <class V>
//     void fields(V& v, As<V, Zone>& zone) {
//       v("x", zone.x);
//       v("y", zone.y);
//     }
//
// A Writer writes every member; a Reader leaves a missing one at the type's default (the schema has
// already said which may be missing) and remembers the first thing that does not fit, with its JSON
// pointer.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "codec/one_line.hpp"
#include "codec/words.hpp"
#include "protocol/json.hpp"

namespace vitrine::codec {

// The object as this visitor may touch it: a Writer only looks.
template <class V, class T>
using As = std::conditional_t<V::kWrites, const T, T>;

// Members whose text differs from what their C++ type would suggest. They hold references: name
// them in the call only.
template <class I>
struct Day {  // "2026-11-21"
  I& value;
};
template <class D>
struct Days {
  D& value;
};
template <class M>
struct TimeOfDay {  // "08:00", minutes since midnight
  M& value;
};
template <class W>
struct Weekdays {  // ["mon", ...], bit 0 = Monday
  W& value;
};
template <class U>
struct Hex64 {  // 64 random bits: a JSON number is exact to 53 bits only
  U& value;
};
template <class I>
Day(I&) -> Day<I>;
template <class D>
Days(D&) -> Days<D>;
template <class M>
TimeOfDay(M&) -> TimeOfDay<M>;
template <class W>
Weekdays(W&) -> Weekdays<W>;
template <class U>
Hex64(U&) -> Hex64<U>;

class Writer {
 public:
  static constexpr bool kWrites = true;

  template <class T>
  void operator()(const char* name, const T& value) {
    object_[name] = write(value);
  }
  template <class T>
  void operator()(const char* name, const std::optional<T>& value) {
    if (value) object_[name] = write(*value);
  }

  // The text of a whole document.
  template <class T>
  static std::string text(const T& document) {
    return write_json(write(document));
  }

 private:
  static Json write(bool value) { return value; }
  static Json write(const std::string& value) { return value; }
  static Json write(const std::array<std::uint8_t, 32>& value) { return to_hex(value); }
  static Json write(const BootId& value) { return hex_of(value); }
  template <class T>
  static Json write(const std::vector<T>& value) {
    return write_range(value);
  }
  template <class T, std::size_t N>
  static Json write(const std::array<T, N>& value) {
    return write_range(value);
  }
  template <class T>
  static Json write(const std::map<std::string, T>& value) {
    Json::Object object;
    for (const auto& [name, member] : value) object.emplace(name, write(member));
    return object;
  }
  template <class I>
  static Json write(const Day<I>& day) {
    return day_text(day.value);
  }
  template <class D>
  static Json write(const Days<D>& days) {
    Json::Array array;
    for (const auto day : days.value) array.push_back(day_text(day));
    return array;
  }
  template <class M>
  static Json write(const TimeOfDay<M>& time) {
    return time_text(time.value);
  }
  template <class W>
  static Json write(const Weekdays<W>& days) {
    return weekday_list(days.value);
  }
  template <class U>
  static Json write(const Hex64<U>& bits) {
    return hex_of(bits.value);
  }
  template <class T>
  static Json write(const T& value) {
    if constexpr (std::is_integral_v<T>) {
      return static_cast<std::int64_t>(value);
    } else if constexpr (std::is_enum_v<T>) {
      return std::string(words(value)[static_cast<std::size_t>(value)]);
    } else {
      Writer inner;
      fields(inner, value);
      return std::move(inner.object_);
    }
  }
  template <class R>
  static Json write_range(const R& range) {
    Json::Array array;
    for (const auto& item : range) array.push_back(write(item));
    return array;
  }

  Json::Object object_;
};

class Reader {
 public:
  static constexpr bool kWrites = false;

  template <class T>
  void operator()(const char* name, T& value) {
    member(name, value);
  }
  // For the wrappers above, which arrive as temporaries.
  template <class T>
  requires(!std::is_lvalue_reference_v<T>) void operator()(const char* name, T&& value) {
    member(name, value);
  }

  // A whole document; `json` has passed its schema.
  template <class T>
  static Result<T> document(const Json& json) {
    T value{};
    std::string denied;
    Reader(json, nullptr, {}, 0, denied).read(json, value);
    if (!denied.empty()) return fail(ErrorCode::invalid, denied);
    return value;
  }

 private:
  // The value below `up` with that name, or with that place in a list when there is no name.
  Reader(const Json& at, const Reader* up, std::string_view name, std::size_t place,
         std::string& denied)
      : at_(at), up_(up), name_(name), place_(place), denied_(denied) {}

  template <class T>
  void member(std::string_view name, T& value) {
    const Json* found = at_.find(name);
    if (found) Reader(*found, this, name, 0, denied_).read(*found, value);
  }
  void refuse(const std::string& rule) {
    if (denied_.empty()) denied_ = denied(pointer(), rule + " expected", at_);
  }
  // Put together only when somebody has to be told.
  std::string pointer() const {
    if (up_ == nullptr) return "";
    return up_->pointer() +
           (name_.data() == nullptr ? pointer_step(place_) : pointer_step(std::string(name_)));
  }
  template <class T>
  void take(const std::optional<T>& parsed, T& value, const char* rule) {
    parsed ? void(value = *parsed) : refuse(rule);
  }

  void read(const Json& json, bool& value) {
    json.boolean() ? void(value = *json.boolean()) : refuse("true or false");
  }
  void read(const Json& json, std::string& value) {
    json.text() ? void(value = *json.text()) : refuse("a string");
  }
  void read(const Json& json, std::array<std::uint8_t, 32>& value) {
    take(json.text() ? hash_from_hex(*json.text()) : std::nullopt, value, "64 hex digits");
  }
  void read(const Json& json, BootId& value) { take(boot_of(json), value, "32 hex digits"); }
  template <class T>
  void read(const Json& json, std::optional<T>& value) {
    read(json, value.emplace());
  }
  template <class T>
  void read(const Json& json, std::vector<T>& value) {
    if (!json.array()) return refuse("a list");
    value.resize(json.array()->size());
    read_range(*json.array(), value);
  }
  template <class T, std::size_t N>
  void read(const Json& json, std::array<T, N>& value) {
    if (!json.array() || json.array()->size() != N) {
      return refuse("a list of " + std::to_string(N));
    }
    read_range(*json.array(), value);
  }
  template <class T>
  void read(const Json& json, std::map<std::string, T>& value) {
    if (!json.object()) return refuse("an object");
    for (const auto& [name, item] : *json.object()) member(name, value[name]);
  }
  template <class I>
  void read(const Json& json, Day<I>& day) {
    take(day_of(json), day.value, "a date that exists, as 2026-11-21");
  }
  template <class D>
  void read(const Json& json, Days<D>& days) {
    if (!json.array()) return refuse("a list");
    days.value.resize(json.array()->size());
    for (std::size_t i = 0; i < days.value.size(); ++i) {
      Day day{days.value[i]};
      at(*json.array(), i).read((*json.array())[i], day);
    }
  }
  template <class M>
  void read(const Json& json, TimeOfDay<M>& time) {
    take(time_of(json), time.value, "a time of day, as 08:00");
  }
  template <class W>
  void read(const Json& json, Weekdays<W>& days) {
    take(weekdays_of(json), days.value, "weekdays, as [\"mon\"]");
  }
  template <class U>
  void read(const Json& json, Hex64<U>& bits) {
    take(bits_of(json), bits.value, "16 hex digits");
  }
  template <class T>
  void read(const Json& json, T& value) {
    if constexpr (std::is_integral_v<T>) {
      const auto* integer = json.integer();
      if (!integer || !std::in_range<T>(*integer)) return refuse("an integer that fits");
      value = static_cast<T>(*integer);
    } else if constexpr (std::is_enum_v<T>) {
      const auto& known = words(value);
      for (std::size_t i = 0; json.text() && i < known.size(); ++i) {
        if (known[i] == *json.text()) return void(value = static_cast<T>(i));
      }
      refuse("one of the words of the schema");
    } else {
      if (!json.object()) return refuse("an object");
      fields(*this, value);
    }
  }
  template <class R>
  void read_range(const Json::Array& array, R& range) {
    for (std::size_t i = 0; i < array.size(); ++i) at(array, i).read(array[i], range[i]);
  }
  Reader at(const Json::Array& array, std::size_t i) {
    return Reader(array[i], this, {}, i, denied_);
  }

  const Json& at_;
  const Reader* up_;
  std::string_view name_;
  std::size_t place_;
  std::string& denied_;
};

}  // namespace vitrine::codec
